package io.volare.registry.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks one question at one name server after the other, and waits. Thread-safe.
 *
 * <p>Netty sends, matches what comes back, counts the time and changes to TCP; each question leaves
 * from a port of its own, which makes forged answers hard. Which name server is asked, what an
 * answer means and where an alias leads is decided here: Netty's own resolution hides TTLs and the
 * difference between "no such name" and "no such record".
 *
 * <p>The name server that answered last is asked first.
 */
final class Resolver implements AutoCloseable {
  private static final int MOST_AT_A_TIME = 32;
  private static final int MOST_ALIASES = 16;

  /** What fits into one packet on any path: dnsflagday.net 2020. What is longer comes by TCP. */
  private static final int UDP_BYTES = 1232;

  private final List<InetSocketAddress> servers;
  private final int rounds;
  private final MultiThreadIoEventLoopGroup group;
  private final DnsNameResolver netty;
  private final Semaphore atATime = new Semaphore(MOST_AT_A_TIME);
  private volatile int answeredLast;

  Resolver(DnsConfig config) {
    this.servers = config.nameServers();
    this.rounds = config.rounds();
    this.group =
        new MultiThreadIoEventLoopGroup(
            1,
            Thread.ofPlatform().name("volare-dns").daemon().factory(),
            NioIoHandler.newFactory());
    EventLoop loop = group.next();
    this.netty =
        new DnsNameResolverBuilder(loop)
            .datagramChannelType(NioDatagramChannel.class)
            .socketChannelType(NioSocketChannel.class)
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .queryTimeoutMillis(config.timeout().toMillis())
            .maxPayloadSize(UDP_BYTES)
            .nameServerProvider(new SequentialDnsServerAddressStreamProvider(servers))
            .hostsFileEntriesResolver((name, types) -> null)
            .searchDomains(List.of())
            .build();
  }

  /**
   * {@return what the first name server says that says anything}
   *
   * @throws LookupException if the name does not exist, or none of them answered in any round
   */
  <T> Question.Found<T> find(Question<T> question) throws LookupException, InterruptedException {
    atATime.acquire();
    try {
      return findInTurn(question);
    } finally {
      atATime.release();
    }
  }

  private <T> Question.Found<T> findInTurn(Question<T> question)
      throws LookupException, InterruptedException {
    LookupException previous = null;
    int first = answeredLast;
    int turns = rounds * servers.size();
    for (int turn = 1; ; turn++) {
      int server = (first + turn - 1) % servers.size();
      try {
        Question.Found<T> found = ask(servers.get(server), question);
        answeredLast = server;
        return found;
      } catch (LookupException failure) {
        if (previous != null) {
          failure.addSuppressed(previous);
        }
        if (failure.isNoSuchName() || turn == turns) {
          throw failure;
        }
        previous = failure;
      }
    }
  }

  /** Follows aliases that the name server did not follow itself. */
  private <T> Question.Found<T> ask(InetSocketAddress server, Question<T> question)
      throws LookupException, InterruptedException {
    String name = absolute(question.name());
    long ttlSeconds = Long.MAX_VALUE;
    for (int alias = 0; alias < MOST_ALIASES; alias++) {
      Reply<T> reply = exchange(server, name, question);
      ttlSeconds = Math.min(ttlSeconds, reply.ttlSeconds());
      if (reply.askNext() == null) {
        return new Question.Found<>(reply.values(), ttlSeconds);
      }
      name = reply.askNext();
    }
    throw tooManyAliases(server, question);
  }

  private <T> Reply<T> exchange(InetSocketAddress server, String name, Question<T> question)
      throws LookupException, InterruptedException {
    AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = await(server, name, question);
    try {
      return read(server, name, question, envelope.content());
    } catch (CorruptedFrameException | IndexOutOfBoundsException malformed) {
      throw LookupException.noAnswer(
          question + " at " + text(server) + ": malformed record, " + malformed.getMessage(),
          malformed);
    } finally {
      envelope.release();
    }
  }

  private AddressedEnvelope<DnsResponse, InetSocketAddress> await(
      InetSocketAddress server, String name, Question<?> question)
      throws LookupException, InterruptedException {
    Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> reply =
        netty.query(server, new DefaultDnsQuestion(name, question.kind().type()));
    try {
      reply.await();
    } catch (InterruptedException cancelled) {
      reply.addListener(
          (FutureListener<AddressedEnvelope<DnsResponse, InetSocketAddress>>)
              late -> ReferenceCountUtil.release(late.getNow()));
      throw cancelled;
    }
    Throwable cause = reply.cause();
    if (cause instanceof DnsNameResolverTimeoutException) {
      throw LookupException.noAnswer(
          question
              + " at "
              + text(server)
              + ": no answer (limit: "
              + netty.queryTimeoutMillis()
              + " ms)");
    }
    if (cause != null) {
      throw LookupException.noAnswer(
          question + " at " + text(server) + ": " + cause.getMessage(), cause);
    }
    return reply.getNow();
  }

  private static <T> Reply<T> read(
      InetSocketAddress server, String name, Question<T> question, DnsResponse response)
      throws LookupException {
    DnsResponseCode code = response.code();
    if (code.equals(DnsResponseCode.NXDOMAIN)) {
      throw LookupException.noSuchName(question + " at " + text(server) + ": no such name");
    }
    if (!code.equals(DnsResponseCode.NOERROR)) {
      throw LookupException.noAnswer(question + " at " + text(server) + ": " + code);
    }
    if (response.isTruncated()) {
      throw LookupException.noAnswer(
          question + " at " + text(server) + ": truncated, and no answer over TCP");
    }
    return follow(server, name, question, response);
  }

  private static <T> Reply<T> follow(
      InetSocketAddress server, String name, Question<T> question, DnsResponse response)
      throws LookupException {
    Map<String, Alias> aliases = aliases(response);
    long ttlSeconds = Long.MAX_VALUE;
    String end = name.toLowerCase(Locale.ROOT);
    for (int hops = 0; aliases.containsKey(end); hops++) {
      if (hops == MOST_ALIASES) {
        throw tooManyAliases(server, question);
      }
      Alias alias = aliases.get(end);
      ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds());
      end = alias.target();
    }
    List<T> values = new ArrayList<>();
    for (DnsRecord entry : answers(response)) {
      if (entry.type().equals(question.kind().type())
          && entry instanceof DnsRawRecord raw
          && entry.name().equalsIgnoreCase(end)) {
        values.add(question.kind().reader().read(raw.content().duplicate()));
        ttlSeconds = Math.min(ttlSeconds, entry.timeToLive());
      }
    }
    boolean leftToUs =
        values.isEmpty() && !end.equalsIgnoreCase(name) && !saysThatThereIsNone(response);
    return new Reply<>(values, ttlSeconds, leftToUs ? end : null);
  }

  private static Map<String, Alias> aliases(DnsResponse response) {
    Map<String, Alias> aliases = new HashMap<>();
    for (DnsRecord entry : answers(response)) {
      if (entry.type().equals(DnsRecordType.CNAME) && entry instanceof DnsRawRecord raw) {
        ByteBuf data = raw.content().duplicate();
        aliases.put(
            entry.name().toLowerCase(Locale.ROOT),
            new Alias(
                DefaultDnsRecordDecoder.decodeName(data).toLowerCase(Locale.ROOT),
                entry.timeToLive()));
      }
    }
    return aliases;
  }

  private static List<DnsRecord> answers(DnsResponse response) {
    List<DnsRecord> answers = new ArrayList<>();
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      answers.add(response.recordAt(DnsSection.ANSWER, i));
    }
    return answers;
  }

  private static boolean saysThatThereIsNone(DnsResponse response) {
    for (int i = 0; i < response.count(DnsSection.AUTHORITY); i++) {
      DnsRecord entry = response.recordAt(DnsSection.AUTHORITY, i);
      if (entry.type().equals(DnsRecordType.SOA)) {
        return true;
      }
    }
    return false;
  }

  private static LookupException tooManyAliases(InetSocketAddress server, Question<?> question) {
    return LookupException.noAnswer(
        question + " at " + text(server) + ": more than " + MOST_ALIASES + " aliases");
  }

  private static String absolute(String name) {
    return name.endsWith(".") ? name : name + ".";
  }

  private static String text(InetSocketAddress server) {
    return io.netty.util.NetUtil.toSocketAddressString(server);
  }

  /** Ends the loop; whoever waits must have been interrupted before. */
  @Override
  public void close() {
    netty.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private record Alias(String target, long ttlSeconds) {}

  /**
   * What one message said.
   *
   * @param askNext the end of an alias that the name server left to us
   */
  private record Reply<T>(List<T> values, long ttlSeconds, @Nullable String askNext) {}
}
