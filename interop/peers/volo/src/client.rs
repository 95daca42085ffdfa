use std::{
    cell::RefCell,
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use metainfo::{Backward, Forward, MetaInfo, METAINFO};
use volo_thrift::{
    codec::default::{thrift::MakeThriftCodec, ttheader::MakeTTHeaderCodec, DefaultMakeCodec},
    ClientError, MaybeException,
};

use crate::{cases, everything, Options};

type Outcome = Result<(), String>;

macro_rules! build {
    ($builder:ident, $options:expr, $limit:expr) => {{
        let addr: SocketAddr = ([127, 0, 0, 1], $options.port).into();
        let builder = cases::$builder::new("cases")
            .address(addr)
            .caller_name("volo-client")
            .connect_timeout(Some(Duration::from_secs(2)))
            .rpc_timeout(Some($limit));
        let mux = $options.mux;
        match $options.wire.as_str() {
            "bare" => builder.make_codec(DefaultMakeCodec::buffered()).multiplex(mux).build(),
            "framed" => builder.make_codec(DefaultMakeCodec::framed()).multiplex(mux).build(),
            "ttheader" => builder
                .make_codec(DefaultMakeCodec::new(MakeTTHeaderCodec::new(MakeThriftCodec::default())))
                .multiplex(mux)
                .build(),
            _ => builder.make_codec(DefaultMakeCodec::ttheader_framed()).multiplex(mux).build(),
        }
    }};
}

pub fn connect(options: &Options, limit: Duration) -> cases::CasesClient {
    build!(CasesClientBuilder, options, limit)
}

#[derive(Debug)]
enum Refused {
    Oops(cases::Oops),
    Call(ClientError),
}

async fn echo(calls: &cases::CasesClient, msg: &str) -> Result<String, Refused> {
    let req = cases::Request { action: "a".into(), msg: msg.to_owned().into() };
    match calls.echo(req).await {
        Ok(MaybeException::Ok(reply)) => Ok(reply.msg.to_string()),
        Ok(MaybeException::Exception(cases::CasesEchoException::Oops(oops))) => Err(Refused::Oops(oops)),
        Err(failure) => Err(Refused::Call(failure)),
    }
}

async fn expect(calls: &cases::CasesClient, sent: &str, expected: &str) -> Outcome {
    match echo(calls, sent).await {
        Ok(got) if got == expected => Ok(()),
        other => Err(format!("{sent}: expected {expected:?}, got {other:?}")),
    }
}

pub async fn run(options: Options) -> Outcome {
    METAINFO.scope(RefCell::new(MetaInfo::new()), case(options)).await
}

async fn case(options: Options) -> Outcome {
    let calls = connect(&options, Duration::from_secs(20));
    match options.case.as_str() {
        "echo" => {
            calls.ping().await.map_err(|e| e.to_string())?;
            expect(&calls, "hi", "hi").await
        }
        "all" => {
            let got = calls.swap(everything()).await.map_err(|e| e.to_string())?;
            check(got == everything(), || format!("got {got:?}"))
        }
        "big" => {
            let big = "0123456789abcdef".repeat(3 << 16);
            let got = echo(&calls, &big).await.map_err(|e| format!("{e:?}"))?;
            check(got == big, || format!("another text of {} bytes", got.len()))
        }
        "concurrent" => concurrent(calls).await,
        "declared" => match echo(&calls, "oops").await {
            Err(Refused::Oops(oops)) if oops.why.as_deref() == Some("because") && oops.code == Some(7) => Ok(()),
            other => Err(format!("expected Oops(because, 7), got {other:?}")),
        },
        "application" => match echo(&calls, "err").await {
            Err(Refused::Call(ClientError::Application(e))) if e.message().contains("went wrong") => {
                expect(&calls, "hi", "hi").await
            }
            other => Err(format!("expected an application exception (went wrong), got {other:?}")),
        },
        "unknown" => {
            let later = build!(LaterClientBuilder, options, Duration::from_secs(5));
            match later.missing("x".into()).await {
                Err(ClientError::Application(e)) if [1, 20].contains(&e.kind().as_i32()) => Ok(()),
                other => Err(format!("expected application exception 1 or 20, got {other:?}")),
            }
        }
        "biz" => {
            match echo(&calls, "biz").await {
                Err(Refused::Call(ClientError::Biz(biz)))
                    if biz.status_code == 404
                        && biz.status_message == "not found"
                        && biz.extra.as_ref().and_then(|e| e.get("k")).map(|v| v.as_str()) == Some("v") => {}
                other => return Err(format!("expected business error 404, got {other:?}")),
            }
            expect(&calls, "hi", "hi").await
        }
        "oneway" => {
            let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
            let token = format!("{nanos:x}");
            let req = cases::Request { action: "a".into(), msg: token.clone().into() };
            calls.log(req).await.map_err(|e| e.to_string())?;
            let mut last = Ok(());
            for _ in 0..40 {
                last = expect(&calls, &format!("logged:{token}"), "yes").await;
                if last.is_ok() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            last
        }
        "meta" | "backward" | "chain" => {
            METAINFO.with(|info| {
                info.borrow_mut().set_transient("T", "t");
                info.borrow_mut().set_persistent("P", "p");
            });
            if options.case == "chain" {
                let (text, back) = options.expect.split_once('#').unwrap_or_default();
                expect(&calls, &format!("chain:{}", options.chain), text).await?;
                return backward(back);
            }
            expect(&calls, "meta", "T=t,P=p").await?;
            if options.case == "meta" { Ok(()) } else { backward("bv") }
        }
        "caller" => expect(&calls, "caller", "volo-client").await,
        "deadline" => {
            let calls = connect(&options, Duration::from_millis(400));
            let got = echo(&calls, "deadline").await.map_err(|e| format!("{e:?}"))?;
            let seen: i64 = got.parse().unwrap_or(-1);
            check((1..=400).contains(&seen), || {
                format!("expected a limit of 1 to 400 ms at the server, got {got:?}")
            })
        }
        "timeout" => {
            let calls = connect(&options, Duration::from_millis(300));
            let start = Instant::now();
            match echo(&calls, "sleep:2000").await {
                Err(Refused::Call(ClientError::Application(e)))
                    if (e.message().contains("timeout") || e.message().contains("deadline")) && start.elapsed() < Duration::from_millis(1500) =>
                {
                    Ok(())
                }
                other => Err(format!("expected a time-out after 300 ms, got {other:?} after {:?}", start.elapsed())),
            }
        }
        "crrst" => drained(calls).await,
        other => Err(format!("no such case: {other:?}")),
    }
}

fn check(good: bool, why: impl Fn() -> String) -> Outcome {
    if good { Ok(()) } else { Err(why()) }
}

fn backward(expected: &str) -> Outcome {
    let got = METAINFO.with(|info| info.borrow().get_backward_downstream("bk"));
    check(got.as_deref() == Some(expected), || format!("backward bk: expected {expected:?}, got {got:?}"))
}

async fn concurrent(calls: cases::CasesClient) -> Outcome {
    let mut workers: tokio::task::JoinSet<Outcome> = tokio::task::JoinSet::new();
    for worker in 0..64 {
        let calls = calls.clone();
        workers.spawn(METAINFO.scope(RefCell::new(MetaInfo::new()), async move {
            for i in 0..50 {
                let text = format!("call {i} of {worker}");
                expect(&calls, &text, &text).await?;
            }
            Ok(())
        }));
    }
    while let Some(done) = workers.join_next().await {
        done.map_err(|e| e.to_string())??;
    }
    Ok(())
}

/// Has a call in flight while the server goes; every call is answered until connecting is refused.
async fn drained(calls: cases::CasesClient) -> Outcome {
    let other = calls.clone();
    let slow = volo::spawn(async move { expect(&other, "sleep:500", "sleep:500").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    expect(&calls, "drain", "drain").await?;
    slow.await.map_err(|e| e.to_string())?.map_err(|why| format!("the call in flight: {why}"))?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(15) {
        if let Err(failure) = echo(&calls, "hi").await {
            let text = format!("{failure:?}");
            return check(text.contains("ConnectionRefused") || text.contains("Connection refused"), || {
                format!("expected a refused connection, got {text}")
            });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the server was still there after 15 s".into())
}
