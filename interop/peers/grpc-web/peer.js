// A grpc.testing client over grpc-web, the library of browsers, for the matrix in interop/run. Node has no XMLHttpRequest: xhr2 is one.
'use strict';

const fs = require('fs');
const https = require('https');
const path = require('path');
const protobuf = require('protobufjs');

global.XMLHttpRequest = require('xhr2');
const web = require('grpc-web');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';

function parse(words) {
  const found = { host: '127.0.0.1', certs: '.', case: '', format: 'binary' };
  for (let i = 1; i < words.length; i++) {
    const name = words[i].slice(2);
    found[name] = name === 'tls' ? true : words[++i];
  }
  return found;
}

const options = parse(process.argv.slice(2));
const root = new protobuf.Root().loadSync(path.join(__dirname, 'testing.proto'), { keepCase: true });
const base = `${options.tls ? 'https' : 'http'}://${options.host}:${options.port}`;
const client = new web.GrpcWebClientBase({ format: options.format });

if (options.tls) { // xhr2 takes its agent from here; the certificate names another host
  global.XMLHttpRequest.nodejsSet({
    httpsAgent: new https.Agent({
      ca: fs.readFileSync(path.join(options.certs, 'ca.pem')), servername: 'foo.test.google.fr', keepAlive: true,
    }),
  });
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function descriptor(service, method, type, request, response) {
  const types = [request, response].map((name) => root.lookupType(`grpc.testing.${name}`));
  return new web.MethodDescriptor(
    `/grpc.testing.${service}/${method}`, type, Object, Object,
    (message) => types[0].encode(types[0].create(message)).finish(),
    (bytes) => types[1].toObject(types[1].decode(bytes), { defaults: true }));
}

const unary = (method, request = 'Empty', response = 'Empty', service = 'TestService') =>
  descriptor(service, method, web.MethodType.UNARY, request, response);
const SIMPLE = unary('UnaryCall', 'SimpleRequest', 'SimpleResponse');
const DOWN = descriptor(
  'TestService', 'StreamingOutputCall', web.MethodType.SERVER_STREAMING, 'StreamingOutputCallRequest', 'StreamingOutputCallResponse');

/** What a call gave: its messages, the headers, the status with the trailers, and the error if there was one. */
function call(method, request, metadata = {}) {
  return new Promise((done) => {
    const given = { messages: [], headers: {}, status: null, error: null };
    const url = base + method.getName();
    const streams = method === DOWN;
    const stream = streams
      ? client.serverStreaming(url, request, metadata, method)
      : client.rpcCall(url, request, metadata, method, (error, message) => {
        given.error = error;
        if (message) given.messages.push(message);
        setImmediate(() => done(given));
      });
    stream.on('metadata', (headers) => { given.headers = headers; });
    stream.on('status', (status) => { given.status = status; });
    if (streams) {
      stream.on('data', (message) => given.messages.push(message));
      stream.on('error', (error) => { given.error = error; done(given); });
      stream.on('end', () => done(given));
    }
  });
}

function fine(given) {
  check(!given.error, `error ${given.error && given.error.code}: ${given.error && given.error.message}`);
  return given;
}

function failed(given, code, message) {
  check(given.error, `no error (expected: ${code})`);
  check(given.error.code === code, `code ${given.error.code} (expected: ${code})`);
  check(message === undefined || given.error.message === message, `message ${JSON.stringify(given.error.message)}`);
}

const LARGE = { response_size: 314159, payload: { body: Buffer.alloc(271828) } };
const SIZES = [31415, 9, 2653, 58979];

const cases = {
  async empty_unary() {
    check(fine(await call(unary('EmptyCall'), {})).messages.length === 1, 'no message');
  },
  async large_unary() {
    const { messages } = fine(await call(SIMPLE, LARGE));
    check(messages[0].payload.body.length === 314159, `${messages[0].payload.body.length} B`);
  },
  async server_streaming() {
    const { messages } = fine(await call(DOWN, { response_parameters: SIZES.map((size) => ({ size })) }));
    const sizes = messages.map((message) => message.payload.body.length);
    check(sizes.join() === SIZES.join(), `sizes ${sizes}`);
  },
  async custom_metadata() {
    const trailing = Buffer.from([0xab, 0xab, 0xab]).toString('base64');
    const metadata = { [INITIAL]: 'test_initial_metadata_value', [TRAILING]: trailing };
    const { headers, status } = fine(await call(SIMPLE, LARGE, metadata));
    check(headers[INITIAL] === metadata[INITIAL], `headers ${JSON.stringify(headers)}`);
    const back = status.metadata[TRAILING];
    check(back && back.replace(/=+$/, '') === trailing.replace(/=+$/, ''), `trailers ${JSON.stringify(status)}`);
  },
  async status_code_and_message() {
    const response_status = { code: 2, message: 'test status message' };
    failed(await call(SIMPLE, { response_status }), 2, response_status.message);
  },
  async special_status_message() {
    failed(await call(SIMPLE, { response_status: { code: 2, message: SPECIAL } }), 2, SPECIAL);
  },
  async unimplemented_method() {
    failed(await call(unary('UnimplementedCall'), {}), 12);
  },
  async unimplemented_service() {
    failed(await call(unary('UnimplementedCall', 'Empty', 'Empty', 'UnimplementedService'), {}), 12);
  },
  async timeout_on_sleeping_server() {
    const slow = { response_parameters: [{ size: 1, interval_us: 5000000 }] };
    failed(await call(DOWN, slow, { deadline: String(Date.now() + 300) }), 4);
  },
};

async function main() {
  let passed = true;
  for (const name of options.case.split(',')) {
    let result = 'ok';
    try {
      await cases[name]();
    } catch (failure) {
      passed = false;
      result = String(failure.message).replace(/\n/g, ' ');
    }
    console.log(`${name} ${result}`);
  }
  process.exit(passed ? 0 : 1);
}

main();
