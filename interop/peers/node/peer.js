// One server and one client over Apache Thrift for Node, for the matrix in interop/run.
'use strict';

const thrift = require('thrift');
const Int64 = require('node-int64');
const Cases = require('./Cases');
const Later = require('./Later');
const types = require('./cases_types');

function options() {
  const found = { role: process.argv[2], wire: 'framed', cases: '' };
  for (let i = 3; i < process.argv.length; i += 2) {
    found[{ '--port': 'port', '--wire': 'wire', '--case': 'cases' }[process.argv[i]]] = process.argv[i + 1];
  }
  found.transport = found.wire === 'framed' ? thrift.TFramedTransport : thrift.TBufferedTransport;
  found.protocol = thrift.TBinaryProtocol;
  return found;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function handler() {
  const logged = new Set();
  return {
    Echo: async (req) => {
      const at = req.msg.indexOf(':');
      const word = at < 0 ? req.msg : req.msg.slice(0, at);
      const rest = at < 0 ? '' : req.msg.slice(at + 1);
      let text = req.msg;
      if (word === 'oops') throw new types.Oops({ why: 'because', code: 7 });
      if (word === 'err') throw new Error('went wrong');
      if (word === 'sleep') await pause(Number(rest));
      if (word === 'logged') text = logged.has(rest) ? 'yes' : 'no';
      return new types.Response({ action: req.action, msg: text });
    },
    Swap: async (all) => all,
    Ping: async () => {},
    Log: (req) => { logged.add(req.msg); },
  };
}

function everything() {
  const point = (x, y) => new types.Point({ x, y });
  return new types.Everything({
    yes: true, tiny: -8, small: -300, medium: 1 << 30, large: new Int64('0xf000000000000000'), real: 0.1,
    text: 'héllo ☃ 𝄞', raw: Buffer.from([0, 1, 0xfe, 0xff]), color: types.Color.BLUE,
    choice: new types.Choice({ number: 42 }), names: ['a', '', 'c'], ids: [7],
    counts: { one: new Int64(1), '': new Int64(-1) }, nested: { 5: [{ p: point(1, -2) }, {}], 6: [] },
    colors: [types.Color.RED, types.Color.GREEN], after_fifteen: 'sixteen', far: point(3, 4),
    very_far: new Int64('0x10000000000'),
  });
}

// maps come back in the order of the wire, numbers of 64 bits as their bytes: neither matters
const text = (value) => JSON.stringify(value, (_, v) => {
  if (v && v.buffer && v.offset !== undefined) return `i64 ${new Int64(v.buffer, v.offset).toOctetString()}`;
  if (v && v.constructor === Object) return Object.fromEntries(Object.entries(v).sort());
  return v === undefined ? null : v;
});

function check(good, why) {
  if (!good) throw new Error(why);
}

function connect(o, service) {
  const connection = thrift.createConnection('127.0.0.1', Number(o.port), o);
  const calls = thrift.createClient(service || Cases, connection);
  // calls that the connection's failure leaves without an answer would wait for ever
  const broken = new Promise((_, fail) => connection.on('error', fail));
  broken.catch(() => {});
  const or = (call) => Promise.race([call, broken]);
  return {
    calls,
    or,
    end: () => connection.end(),
    echo: async (msg) => (await or(calls.Echo(new types.Request({ action: 'a', msg })))).msg,
  };
}

async function thrown(call) {
  try {
    await call;
  } catch (failure) {
    return failure;
  }
  throw new Error('expected a failure');
}

async function expect(client, sent, expected) {
  const got = await client.echo(sent);
  check(got === expected, `${sent}: expected ${expected}, got ${got}`);
}

const cases = {
  echo: async (c) => {
    await c.or(c.calls.Ping());
    await expect(c, 'hi', 'hi');
  },
  all: async (c) => {
    const got = text(await c.or(c.calls.Swap(everything())));
    check(got === text(everything()), `got ${got}`);
  },
  big: async (c) => {
    const big = '0123456789abcdef'.repeat(3 << 16);
    check(await c.echo(big) === big, 'another text');
  },
  concurrent: async (_, o) => {
    await Promise.all(Array.from({ length: 64 }, async (__, worker) => {
      const client = connect(o);
      for (let i = 0; i < 50; i++) await expect(client, `call ${i} of ${worker}`, `call ${i} of ${worker}`);
      client.end();
    }));
  },
  declared: async (c) => {
    const oops = await thrown(c.echo('oops'));
    check(oops instanceof types.Oops && oops.why === 'because' && oops.code === 7, `got ${oops}`);
  },
  application: async (c) => {
    const failure = await thrown(c.echo('err'));
    check(failure instanceof thrift.Thrift.TApplicationException, `got ${failure}`);
    check(failure.message.includes('went wrong'), `got ${failure}`);
    await expect(c, 'hi', 'hi');
  },
  unknown: async (_, o) => {
    const later = connect(o, Later);
    const failure = await thrown(later.or(later.calls.Missing('x')));
    check(failure instanceof thrift.Thrift.TApplicationException && [1, 20].includes(failure.type), `got ${failure} of type ${failure.type}`);
    later.end();
  },
  oneway: async (c) => {
    const token = String(process.hrtime.bigint());
    c.calls.Log(new types.Request({ action: 'a', msg: token }));
    for (let i = 0; i < 40 && await c.echo(`logged:${token}`) !== 'yes'; i++) await pause(50);
    await expect(c, `logged:${token}`, 'yes');
  },
};

async function main() {
  const o = options();
  if (o.role === 'server') {
    const server = thrift.createServer(Cases, handler(), o);
    server.listen(Number(o.port), '127.0.0.1', () => console.log('READY'));
    return;
  }
  let failed = false;
  for (const name of o.cases.split(',')) {
    const client = connect(o);
    try {
      check(cases[name], 'no such case');
      await cases[name](client, o);
      console.log(name, 'ok');
    } catch (failure) {
      failed = true;
      console.log(name, String(failure).replace(/\n/g, ' ').slice(0, 300));
    }
    client.end();
  }
  process.exit(failed ? 1 : 0);
}

main();
