use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use metainfo::{Backward, Forward, METAINFO};
use volo::{context::Context, layer::Layer, service::Service};
use volo_thrift::{context::ServerContext, BizError, MaybeException, ServerError};

use crate::{cases, client, Options};

tokio::task_local! {
    /// Who calls, and how long the call may take: what handlers are not given otherwise.
    static CALL: (String, Option<Duration>);
}

#[derive(Clone)]
struct Facts<S>(S);

struct FactsLayer;

impl<S> Layer<S> for FactsLayer {
    type Service = Facts<S>;
    fn layer(self, inner: S) -> Facts<S> {
        Facts(inner)
    }
}

impl<Req: Send + 'static, S> Service<ServerContext, Req> for Facts<S>
where
    S: Service<ServerContext, Req> + Send + Sync + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    async fn call(&self, cx: &mut ServerContext, req: Req) -> Result<S::Response, S::Error> {
        let caller = cx.rpc_info().caller().service_name().to_string();
        let limit = cx.rpc_info().config().rpc_timeout();
        CALL.scope((caller, limit), self.0.call(cx, req)).await
    }
}

#[derive(Clone, Default)]
struct Handler {
    logged: Arc<Mutex<HashSet<String>>>,
}

pub async fn serve(options: Options) {
    let addr: SocketAddr = ([127, 0, 0, 1], options.port).into();
    let server = cases::CasesServer::new(Handler::default())
        .layer(FactsLayer)
        .multiplex(options.mux)
        .run(volo::net::Address::from(addr));
    // the server has no hook for "listening": connect until it answers
    tokio::spawn(async move {
        while tokio::net::TcpStream::connect(addr).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("READY");
    });
    server.await.expect("the server runs");
}

fn seen() -> String {
    METAINFO.with(|info| {
        let info = info.borrow();
        let transient = info.get_upstream("T").unwrap_or_default();
        let persistent = info.get_persistent("P").unwrap_or_default();
        format!("T={transient},P={persistent}")
    })
}

fn send_back(value: &str) {
    METAINFO.with(|info| info.borrow_mut().set_backward_transient("bk", value.to_owned()));
}

/// Asks the next server of the list, adds what was seen here, and hands the backward value on.
async fn hop(action: pilota::FastStr, rest: &str) -> Result<String, ServerError> {
    let mut text = format!("volo:{}", seen());
    let mut back = "volo".to_owned();
    if !rest.is_empty() {
        let (port, more) = rest.split_once(',').unwrap_or((rest, ""));
        let next = client::connect(
            &Options {
                port: port.parse().unwrap_or_default(),
                wire: "ttheaderframed".into(),
                ..Default::default()
            },
            Duration::from_secs(5),
        );
        let below = match next.echo(cases::Request { action, msg: format!("chain:{more}").into() }).await? {
            MaybeException::Ok(reply) => reply.msg,
            MaybeException::Exception(_) => return Err(anyhow::anyhow!("Oops").into()),
        };
        let home = METAINFO.with(|info| info.borrow().get_backward_downstream("bk"));
        text = format!("{text}|{below}");
        back = format!("{}>volo", home.unwrap_or_default());
    }
    send_back(&back);
    Ok(text)
}

impl cases::Cases for Handler {
    async fn echo(
        &self,
        req: cases::Request,
    ) -> Result<MaybeException<cases::Response, cases::CasesEchoException>, ServerError> {
        let asked = req.msg.to_string();
        let (word, rest) = asked.split_once(':').unwrap_or((&asked, ""));
        let mut text = asked.clone();
        match word {
            "biz" => {
                let extra = [("k".into(), "v".into())].into_iter().collect();
                return Err(BizError::with_extra(404, "not found".into(), extra).into());
            }
            "oops" => {
                let oops = cases::Oops { why: Some("because".into()), code: Some(7) };
                return Ok(MaybeException::Exception(cases::CasesEchoException::Oops(oops)));
            }
            "err" => return Err(anyhow::anyhow!("went wrong").into()),
            "sleep" => tokio::time::sleep(Duration::from_millis(rest.parse().unwrap_or(0))).await,
            "meta" => {
                text = seen();
                send_back("bv");
            }
            "caller" => text = CALL.with(|call| call.0.clone()),
            "deadline" => {
                text = CALL.with(|call| call.1.map_or("none".into(), |limit| limit.as_millis().to_string()))
            }
            "logged" => text = if self.logged.lock().unwrap().contains(rest) { "yes" } else { "no" }.into(),
            "chain" => text = hop(req.action.clone(), rest).await?,
            "drain" => {
                tokio::spawn(async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    let _ = std::process::Command::new("kill").arg(std::process::id().to_string()).status();
                });
            }
            _ => {}
        }
        Ok(MaybeException::Ok(cases::Response { action: req.action, msg: text.into() }))
    }

    async fn swap(&self, all: cases::Everything) -> Result<cases::Everything, ServerError> {
        Ok(all)
    }

    async fn ping(&self) -> Result<(), ServerError> {
        Ok(())
    }

    async fn log(&self, req: cases::Request) -> Result<(), ServerError> {
        self.logged.lock().unwrap().insert(req.msg.to_string());
        Ok(())
    }
}
