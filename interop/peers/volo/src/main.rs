//! One server and one client over Volo, for the matrix in interop/run.

mod client;
mod server;

#[allow(warnings)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}
pub use generated::cases::cases;

use pilota::{AHashMap, AHashSet};

/// The command line of every peer.
#[derive(Clone, Default)]
pub struct Options {
    pub port: u16,
    pub wire: String,
    pub mux: bool,
    pub case: String,
    pub chain: String,
    pub expect: String,
}

fn options() -> (String, Options) {
    let mut args = std::env::args().skip(1);
    let role = args.next().expect("expected: server or client");
    let mut options = Options { wire: "ttheaderframed".into(), ..Default::default() };
    while let Some(name) = args.next() {
        let mut value = || args.next().unwrap_or_default();
        match name.as_str() {
            "--port" => options.port = value().parse().expect("a port"),
            "--wire" => options.wire = value(),
            "--mux" => options.mux = true,
            "--case" => options.case = value(),
            "--chain" => options.chain = value(),
            "--expect" => options.expect = value(),
            other => panic!("no such option: {other}"),
        }
    }
    (role, options)
}

#[tokio::main]
async fn main() {
    let (role, options) = options();
    if role == "server" {
        return server::serve(options).await;
    }
    let mut failed = false;
    for case in options.case.split(',') {
        let outcome = client::run(Options { case: case.to_owned(), ..options.clone() }).await;
        failed |= outcome.is_err();
        println!("{case} {}", outcome.err().unwrap_or("ok".into()).replace('\n', " / "));
    }
    if failed {
        std::process::exit(1);
    }
}

pub fn everything() -> cases::Everything {
    let point = |x, y| cases::Point { x: Some(x), y: Some(y) };
    cases::Everything {
        yes: Some(true),
        tiny: Some(-8),
        small: Some(-300),
        medium: Some(1 << 30),
        large: Some(-(1 << 60)),
        real: Some(0.1),
        text: Some("héllo ☃ 𝄞".into()),
        raw: Some(vec![0u8, 1, 0xfe, 0xff].into()),
        color: Some(cases::Color::BLUE),
        choice: Some(cases::Choice::Number(42)),
        names: Some(vec!["a".into(), "".into(), "c".into()]),
        ids: Some(AHashSet::from_iter([7])),
        counts: Some(AHashMap::from_iter([("one".into(), 1), ("".into(), -1)])),
        nested: Some(AHashMap::from_iter([
            (5, vec![AHashMap::from_iter([("p".into(), point(1, -2))]), AHashMap::new()]),
            (6, vec![]),
        ])),
        colors: Some(vec![cases::Color::RED, cases::Color::GREEN]),
        after_fifteen: Some("sixteen".into()),
        absent: None,
        far: Some(point(3, 4)),
        very_far: 1 << 40,
    }
}
