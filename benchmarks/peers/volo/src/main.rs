//! An echo server over Volo: Thrift, multiplexed Thrift or gRPC.

use std::{net::SocketAddr, time::Duration};

#[allow(warnings)]
mod thrift {
    include!(concat!(env!("OUT_DIR"), "/thrift.rs"));
}
#[allow(warnings)]
mod proto {
    include!(concat!(env!("OUT_DIR"), "/proto.rs"));
}
use futures::{StreamExt, TryStreamExt};
use proto::proto::{protobuf, streams};
use thrift::thrift::echo;

struct Handler;

impl echo::EchoServer for Handler {
    async fn echo(&self, req: echo::Request) -> Result<echo::Response, volo_thrift::ServerError> {
        Ok(echo::Response { action: req.action, msg: req.msg })
    }
}

impl protobuf::Echo for Handler {
    async fn echo(
        &self,
        req: volo_grpc::Request<protobuf::Request>,
    ) -> Result<volo_grpc::Response<protobuf::Response>, volo_grpc::Status> {
        let req = req.into_inner();
        Ok(volo_grpc::Response::new(protobuf::Response { action: req.action, msg: req.msg }))
    }
}

type Chunks = volo_grpc::BoxStream<'static, Result<streams::Chunk, volo_grpc::Status>>;

impl streams::Streams for Handler {
    async fn up(
        &self,
        req: volo_grpc::Request<volo_grpc::RecvStream<streams::Chunk>>,
    ) -> Result<volo_grpc::Response<streams::Chunk>, volo_grpc::Status> {
        let count = req.into_inner().try_fold(0, |count, _| async move { Ok(count + 1) }).await?;
        Ok(volo_grpc::Response::new(streams::Chunk { count, ..Default::default() }))
    }

    async fn down(
        &self,
        req: volo_grpc::Request<streams::Chunk>,
    ) -> Result<volo_grpc::Response<Chunks>, volo_grpc::Status> {
        let streams::Chunk { count, data, .. } = req.into_inner();
        let chunks = (0..count).map(move |_| Ok(streams::Chunk { data: data.clone(), ..Default::default() }));
        Ok(volo_grpc::Response::new(futures::stream::iter(chunks).boxed()))
    }

    async fn both(
        &self,
        req: volo_grpc::Request<volo_grpc::RecvStream<streams::Chunk>>,
    ) -> Result<volo_grpc::Response<Chunks>, volo_grpc::Status> {
        Ok(volo_grpc::Response::new(req.into_inner().boxed()))
    }
}

fn options() -> (u16, String) {
    let (mut port, mut mode) = (0, String::new());
    let mut args = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (args.next(), args.next()) {
        match name.as_str() {
            "--port" => port = value.parse().expect("a port"),
            "--mode" => mode = value,
            other => panic!("no such option: {other}"),
        }
    }
    (port, mode)
}

/// The servers have no hook for "listening": connects until one answers.
async fn say_when_ready(addr: SocketAddr) {
    while tokio::net::TcpStream::connect(addr).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("READY {}", addr.port());
}

#[tokio::main]
async fn main() {
    let (port, mode) = options();
    let addr: SocketAddr = ([127, 0, 0, 1], port).into();
    tokio::spawn(say_when_ready(addr));
    let at = volo::net::Address::from(addr);
    match mode.as_str() {
        "grpc" => volo_grpc::server::Server::new()
            .add_service(volo_grpc::server::ServiceBuilder::new(protobuf::EchoServer::new(Handler)).build())
            .add_service(volo_grpc::server::ServiceBuilder::new(streams::StreamsServer::new(Handler)).build())
            .run(at)
            .await
            .expect("the server runs"),
        "thrift" | "mux" => echo::EchoServerServer::new(Handler)
            .multiplex(mode == "mux")
            .run(at)
            .await
            .expect("the server runs"),
        other => panic!("--mode: {other} (expected: thrift, mux or grpc)"),
    }
}
