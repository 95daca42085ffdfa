package io.volare.metainfo;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What one message carries, taken header by header and handed to a {@link MetaInfo} in one piece.
 * For transports: it takes time by the number of entries, where {@link MetaInfo#receiveForward} and
 * {@link MetaInfo#receiveBackward} copy those that came before with each.
 *
 * <p>Limits are looked at before anything is kept. Nothing arrives before {@link #deliver}, so a
 * message that is refused leaves nothing behind. Used by one thread, which alone changes the {@code
 * MetaInfo} meanwhile.
 */
public final class Received {
  private final MetaInfo receiver;
  private final Names names;
  private @Nullable EntriesBuilder persistents;
  private @Nullable EntriesBuilder upstreams;
  private @Nullable EntriesBuilder downstreams;

  /** Starts to take a message for {@code receiver}. */
  public Received(MetaInfo receiver, Names names) {
    this.receiver = requireNonNull(receiver, "receiver");
    this.names = requireNonNull(names, "names");
  }

  /**
   * Takes one header of a request: a persistent value stays one, a transient value becomes
   * upstream.
   *
   * @return false if {@code name} is no metainfo name, and nothing was taken
   * @throws MetaInfoLimitException if the limits are passed; the request should be refused
   */
  public boolean forward(String name, String value) {
    String persistent = names.stripPersistent(name);
    if (persistent != null) {
      persistent(persistent, value);
      return true;
    }
    String upstream = names.stripTransient(name);
    if (upstream != null) {
      upstream(upstream, value);
      return true;
    }
    return false;
  }

  private void persistent(String key, String value) {
    EntriesBuilder own = persistents;
    if (own == null) {
      own = new EntriesBuilder(receiver.persistents);
      persistents = own;
    }
    putForward(own, upstreams, receiver.upstreams, key, value);
  }

  private void upstream(String key, String value) {
    EntriesBuilder own = upstreams;
    if (own == null) {
      own = new EntriesBuilder(receiver.upstreams);
      upstreams = own;
    }
    putForward(own, persistents, receiver.persistents, key, value);
  }

  /**
   * The limits hold for all that would go on together: {@code taken}, or what was {@code there}.
   */
  private void putForward(
      EntriesBuilder own, @Nullable EntriesBuilder taken, Entries there, String key, String value) {
    int entries = taken == null ? there.size() : taken.size();
    int bytes = taken == null ? there.bytes() : taken.bytes();
    Entries set = receiver.transients;
    receiver.limits.put(own, entries + set.size(), bytes + set.bytes(), key, value);
  }

  /**
   * Takes one header of a response.
   *
   * @return false if {@code name} is no backward metainfo name, and nothing was taken
   * @throws MetaInfoLimitException if the limits are passed
   */
  public boolean backward(String name, String value) {
    String key = names.stripBackward(name);
    if (key == null) {
      return false;
    }
    rawBackward(key, value);
    return true;
  }

  /**
   * Takes a backward value that came without a prefix, as Kitex sends them over TTHeader. The
   * transport keeps the control keys out.
   *
   * @throws MetaInfoLimitException if the limits are passed
   */
  public void rawBackward(String key, String value) {
    EntriesBuilder own = downstreams;
    if (own == null) {
      own = new EntriesBuilder(receiver.downstreams);
      downstreams = own;
    }
    receiver.limits.put(own, 0, 0, key, value);
  }

  /** Hands over what was taken. It takes no more after that. */
  public void deliver() {
    if (persistents != null) {
      receiver.persistents = persistents.build();
    }
    if (upstreams != null) {
      receiver.upstreams = upstreams.build();
    }
    if (downstreams != null) {
      receiver.downstreams = downstreams.build();
    }
  }
}
