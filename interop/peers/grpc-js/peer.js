// One grpc.testing server and client over @grpc/grpc-js, for the matrix in interop/run.
'use strict';

const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';
const LIMITS = { 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 };

function parse(words) {
  const found = { role: words[0], host: '127.0.0.1', certs: '.', case: '' };
  for (let i = 1; i < words.length; i++) {
    const name = words[i].slice(2);
    found[name] = name === 'tls' ? true : words[++i];
  }
  return found;
}

const options = parse(process.argv.slice(2));
const definition = loader.loadSync(path.join(__dirname, 'testing.proto'), { keepCase: true, defaults: true });
const { TestService, UnimplementedService } = grpc.loadPackageDefinition(definition).grpc.testing;
const secret = (name) => fs.readFileSync(path.join(options.certs, name));
const payload = (size) => ({ body: Buffer.alloc(size) });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- server ----

function echo(call) {
  const initial = call.metadata.get(INITIAL);
  if (initial.length) {
    const headers = new grpc.Metadata();
    headers.set(INITIAL, initial[0]);
    call.sendMetadata(headers);
  }
  const trailers = new grpc.Metadata();
  const trailing = call.metadata.get(TRAILING);
  if (trailing.length) trailers.set(TRAILING, trailing[0]);
  return trailers;
}

const refusal = (status) => (status && status.code ? { code: status.code, details: status.message } : null);

async function answer(call, request) {
  for (const wanted of request.response_parameters) {
    if (wanted.interval_us) await pause(wanted.interval_us / 1000);
    if (call.cancelled) return;
    if (!call.write({ payload: payload(wanted.size) })) await new Promise((done) => call.once('drain', done));
  }
}

/** One request after another, as they come; a for-await would destroy the answers with the last request. */
function each(call, take, last) {
  let turn = Promise.resolve();
  call.on('data', (request) => { turn = turn.then(() => take(request)); });
  call.on('end', () => { turn = turn.then(last); });
  call.on('error', () => {});
}

const methods = {
  EmptyCall: (call, done) => done(null, {}),
  UnaryCall: (call, done) => {
    const trailers = echo(call);
    const failure = refusal(call.request.response_status);
    if (failure) {
      done({ ...failure, metadata: trailers });
      return;
    }
    const name = call.request.fill_server_id ? `grpc-js-${process.pid}` : '';
    done(null, { payload: payload(call.request.response_size), server_id: name }, trailers);
  },
  StreamingOutputCall: async (call) => {
    await answer(call, call.request);
    call.end();
  },
  StreamingInputCall: (call, done) => {
    let sum = 0;
    call.on('data', (request) => { sum += request.payload.body.length; });
    call.on('end', () => done(null, { aggregated_payload_size: sum }));
    call.on('error', () => {});
  },
  FullDuplexCall: (call) => {
    const trailers = echo(call);
    let refused = false;
    const take = (request) => {
      const failure = refusal(request.response_status);
      if (!failure) return answer(call, request);
      refused = true;
      return call.emit('error', { ...failure, metadata: trailers });
    };
    each(call, take, () => (refused ? undefined : call.end(trailers)));
  },
  HalfDuplexCall: (call) => {
    const requests = [];
    const answers = async () => {
      for (const request of requests) await answer(call, request);
      call.end();
    };
    each(call, (request) => requests.push(request), answers);
  },
};

function serve() {
  const server = new grpc.Server(LIMITS);
  const { UnimplementedCall, CacheableUnaryCall, ...served } = TestService.service;
  server.addService(served, methods);
  const credentials = options.tls
    ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: secret('server1.pem'), private_key: secret('server1.key') }])
    : grpc.ServerCredentials.createInsecure();
  server.bindAsync(`127.0.0.1:${options.port}`, credentials, (failure) => {
    if (failure) throw failure;
    console.log('READY');
  });
}

// ---- client ----

function connect(more, Service = TestService) {
  const credentials = options.tls ? grpc.credentials.createSsl(secret('ca.pem')) : grpc.credentials.createInsecure();
  const name = options.tls ? { 'grpc.ssl_target_name_override': 'foo.test.google.fr' } : {};
  // a pool of its own: channels of one process share connections otherwise
  const own = { ...LIMITS, ...name, 'grpc.use_local_subchannel_pool': 1, ...more };
  return new Service(`${options.host}:${options.port}`, credentials, own);
}

function same(actual, expected) {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (seen !== wanted) throw new Error(`expected ${wanted}, got ${seen}`);
}

const limited = (ms = 10000) => ({ deadline: Date.now() + ms });

/** The answer of a unary or client streaming call, or its failure thrown; with its headers and trailers. */
function unary(client, method, request, metadata = new grpc.Metadata()) {
  return new Promise((done, fail) => {
    const seen = {};
    const end = (failure, response) => (failure ? fail(failure) : setImmediate(() => done({ response, ...seen })));
    const call = client[method](...(request ? [request] : []), metadata, limited(), end);
    call.on('metadata', (headers) => { seen.headers = headers; });
    call.on('status', (status) => { seen.trailers = status.metadata; });
    seen.call = call;
  });
}

/** The sizes of all answers of a stream, or its failure thrown; after each answer the next request may go. */
function sizes(call, answered = () => {}) {
  return new Promise((done, fail) => {
    const seen = [];
    call.on('data', (answer) => {
      seen.push(answer.payload.body.length);
      answered(seen.length);
    });
    call.on('error', fail);
    call.on('end', () => setImmediate(() => done(seen)));
  });
}

async function fails(code, promise) {
  try {
    await promise;
  } catch (failure) {
    same(failure.code, code);
    return failure.details;
  }
  throw new Error(`expected status ${code}, got an answer`);
}

const large = (more) => ({ response_size: 314159, payload: payload(271828), ...more });
const wants = (size, sent, more) => ({ response_parameters: [{ size }], payload: payload(sent), ...more });
const zeros = ({ response }, size) => same([response.payload.body.length, response.payload.body.some(Boolean)], [size, false]);

const cases = {
  empty_unary: async (client) => same((await unary(client, 'EmptyCall', {})).response, {}),
  large_unary: async (client) => zeros(await unary(client, 'UnaryCall', large()), 314159),
  client_compressed_unary_noprobe: async (client) => {
    const compressed = connect({ 'grpc.default_compression_algorithm': 2 });
    zeros(await unary(compressed, 'UnaryCall', large({ expect_compressed: { value: true } })), 314159);
    compressed.close();
    zeros(await unary(client, 'UnaryCall', large({ expect_compressed: { value: false } })), 314159);
  },
  client_compressed_unary: async (client) => {
    const lied = unary(client, 'UnaryCall', large({ expect_compressed: { value: true } }));
    await fails(grpc.status.INVALID_ARGUMENT, lied);
    await cases.client_compressed_unary_noprobe(client);
  },
  server_compressed_unary: async (client) => {
    for (const value of [true, false]) {
      zeros(await unary(client, 'UnaryCall', large({ response_compressed: { value } })), 314159);
    }
  },
  client_streaming: (client) => new Promise((done, fail) => {
    const call = client.StreamingInputCall(new grpc.Metadata(), limited(), (failure, response) => {
      if (failure) fail(failure);
      else if (response.aggregated_payload_size !== 74922) fail(new Error(`sum ${response.aggregated_payload_size}`));
      else done();
    });
    for (const size of [27182, 8, 1828, 45904]) call.write({ payload: payload(size) });
    call.end();
  }),
  server_streaming: async (client) => {
    const wanted = [31415, 9, 2653, 58979];
    const request = { response_parameters: wanted.map((size) => ({ size })) };
    same(await sizes(client.StreamingOutputCall(request, limited())), wanted);
  },
  server_compressed_streaming: async (client) => {
    const request = { response_parameters: [{ size: 31415, compressed: { value: true } }, { size: 92653, compressed: { value: false } }] };
    same(await sizes(client.StreamingOutputCall(request, limited())), [31415, 92653]);
  },
  ping_pong: async (client) => {
    const turns = [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]];
    const call = client.FullDuplexCall(limited());
    const next = (turn) => (turn < turns.length ? call.write(wants(...turns[turn])) : call.end());
    next(0);
    same(await sizes(call, next), turns.map(([size]) => size));
  },
  empty_stream: async (client) => {
    const call = client.FullDuplexCall(limited());
    call.end();
    same(await sizes(call), []);
  },
  custom_metadata: async (client) => {
    const sent = new grpc.Metadata();
    const bytes = Buffer.from([10, 11, 10, 11, 10, 11]);
    sent.set(INITIAL, 'test_initial_metadata_value');
    sent.set(TRAILING, bytes);
    const { headers, trailers } = await unary(client, 'UnaryCall', large(), sent);
    const call = client.FullDuplexCall(sent, limited());
    const seen = {};
    call.on('metadata', (found) => { seen.headers = found; });
    call.on('status', (status) => { seen.trailers = status.metadata; });
    call.write(wants(314159, 271828));
    call.end();
    same(await sizes(call), [314159]);
    for (const [first, last] of [[headers, trailers], [seen.headers, seen.trailers]]) {
      same(first.get(INITIAL), ['test_initial_metadata_value']);
      same(last.get(TRAILING)[0].toString('hex'), bytes.toString('hex'));
    }
  },
  status_code_and_message: async (client) => {
    const status = { code: 2, message: 'test status message' };
    same(await fails(2, unary(client, 'UnaryCall', { response_status: status })), status.message);
    const call = client.FullDuplexCall(limited());
    call.write({ response_status: status });
    call.end();
    same(await fails(2, sizes(call)), status.message);
  },
  special_status_message: async (client) => {
    const failed = unary(client, 'UnaryCall', { response_status: { code: 2, message: SPECIAL } });
    same(await fails(2, failed), SPECIAL);
  },
  unimplemented_method: (client) => fails(grpc.status.UNIMPLEMENTED, unary(client, 'UnimplementedCall', {})),
  unimplemented_service: async () => {
    const other = connect({}, UnimplementedService);
    await fails(grpc.status.UNIMPLEMENTED, unary(other, 'UnimplementedCall', {}));
    other.close();
  },
  cancel_after_begin: (client) => fails(grpc.status.CANCELLED, new Promise((done, fail) => {
    const call = client.StreamingInputCall(new grpc.Metadata(), limited(), (failure, response) => (failure ? fail(failure) : done(response)));
    call.cancel();
  })),
  cancel_after_first_response: async (client) => {
    const call = client.FullDuplexCall(limited());
    let first = 0;
    call.write(wants(31415, 27182));
    await fails(grpc.status.CANCELLED, new Promise((done, fail) => {
      call.on('data', (answer) => {
        first = answer.payload.body.length;
        call.cancel();
      });
      call.on('error', fail);
      call.on('end', done);
    }));
    same(first, 31415);
  },
  timeout_on_sleeping_server: async (client) => {
    const call = client.FullDuplexCall(limited(1));
    call.write({ payload: payload(27182) });
    await fails(grpc.status.DEADLINE_EXCEEDED, sizes(call));
  },
  very_large_request: async (client) => {
    const request = { response_size: 10, payload: payload(10 << 20) };
    zeros(await unary(client, 'UnaryCall', request), 10);
  },
  pick_first_unary: async (client) => {
    const names = new Set();
    for (let i = 0; i < 100; i++) {
      const request = { response_size: 1, payload: payload(1), fill_server_id: true };
      names.add((await unary(client, 'UnaryCall', request)).response.server_id);
    }
    same([names.size, names.has('')], [1, false]);
  },
  rpc_soak: async (client) => {
    const worker = async () => {
      for (let i = 0; i < 25; i++) await cases.large_unary(client);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  },
  channel_soak: async () => {
    for (let i = 0; i < 10; i++) {
      const client = connect();
      await cases.large_unary(client);
      client.close();
    }
  },
};

async function run() {
  let passed = true;
  for (const name of options.case.split(',')) {
    const client = connect();
    let result = 'ok';
    try {
      await cases[name](client);
    } catch (failure) {
      passed = false;
      result = String(failure).replace(/\n/g, ' ');
    }
    client.close();
    console.log(name, result);
  }
  process.exit(passed ? 0 : 1);
}

if (options.role === 'server') serve();
else run();
