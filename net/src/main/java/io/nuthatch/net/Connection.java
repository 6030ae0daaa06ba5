package io.nuthatch.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.nuthatch.engine.Answer;
import io.nuthatch.engine.Engine;
import io.nuthatch.engine.Message;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Worker;
import io.nuthatch.resp.ProtocolError;
import io.nuthatch.resp.Request;
import io.nuthatch.resp.RespReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's connection: requests in, replies out, all on the thread of its event loop.
///
/// ```
///   channelRead:          read a batch of requests in place -> prepare all -> run each
///   channelReadComplete:  one flush, when the event loop has heard its other connections ([Loop])
/// ```
///
/// What is left of an unfinished request moves to memory of the connection's own ([Input]); everything else is
/// read from the event loop's buffer.
final class Connection extends ChannelInboundHandlerAdapter implements Session.Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /// Messages of this size are not copied for each client that gets them.
    private static final int SHARED_MESSAGE_BYTES = 8 * 1024;

    /// What is read ahead of a command that waits. What follows stays with the client.
    private static final long MAX_HELD_BYTES = 64 * 1024;

    /// What a connection takes that neither sends nor receives: its channel, its session and itself, on the Java heap.
    private static final long OWN_BYTES = 4_096;

    private final Engine engine;
    private final Loop loop;
    private final Worker worker;
    private final Channel channel;
    private final RespReader reader;
    private final Output output;
    private final Input input = new Input();
    private final OutputLimit outputLimit;
    private final Session session;
    private final Runnable resumption = this::resumeNow;

    /// The words so far of a request that is not whole.
    private @Nullable Request partial;

    private final ClientMemory memory;

    /// When something last came in or went out, in milliseconds since 1970.
    private long lastHeardMs;

    private long lastOutputBytes;
    private long reportedBytes;

    /// Whether requests are held: behind one that waits for a key, or because clients are paused.
    private boolean held;

    /// Whether to end when the answer has come that is under way.
    private boolean endsWhenAnswered;

    private boolean ending;
    private boolean isToFlush;

    /// Whether to close when what is held has been sent.
    private boolean closesWhenReleased;

    Connection(Engine engine, Loop loop, Channel channel) {
        this.engine = engine;
        this.loop = loop;
        this.worker = loop.worker();
        this.channel = channel;
        this.memory = loop.memory();
        this.lastHeardMs = engine.clock().wallMs();
        this.reader = new RespReader(engine.config().protoMaxBulkLen.value());
        this.output = new Output(channel, engine.durability());
        this.session = engine.connect(worker, this);
        this.outputLimit = new OutputLimit(engine.config(), session);
    }

    // ---- requests
    // -----------------------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        ByteBuf arrived = (ByteBuf) message;
        try {
            long address = arrived.memoryAddress() + arrived.readerIndex();
            received(address, arrived.readableBytes());
        } finally {
            arrived.release();
        }
    }

    private void received(long address, int bytes) {
        worker.received(bytes);
        session.received(bytes);
        if (ending) {
            return;
        }
        loop.deliver();
        worker.beginBatch();
        lastHeardMs = worker.nowMs();
        if (held) {
            input.append(address, bytes, 0);
            limitHeld();
            return;
        }
        if (input.isEmpty()) {
            read(address, address + bytes);
            keep(reader.position(), address + bytes);
        } else {
            input.append(address, bytes, reader.wantedBytes());
            readInput();
            limitInput();
        }
    }

    private void readInput() {
        long from = input.address();
        read(from, from + input.length());
        if (!ending && !held) {
            input.drop(reader.position() - from);
        }
    }

    /// Runs all whole requests of a piece of memory.
    private void read(long address, long limit) {
        if (partial != null) {
            reader.open(address, limit, partial);
            worker.call(0).exchange(partial);
            partial = null;
        } else {
            reader.open(address, limit);
        }
        boolean more = true;
        while (more) {
            more = readBatch(limit);
        }
    }

    /// @return whether there may be more
    private boolean readBatch(long limit) {
        reader.maxBulkBytes(engine.config().protoMaxBulkLen.value());
        reader.authenticated(session.isAuthenticated());
        // A password changes what the reader lets pass, so before it nothing is read ahead.
        int most = session.isAuthenticated() ? Worker.BATCH : 1;
        int count = 0;
        ProtocolError broken = null;
        try {
            while (count < most && reader.read(worker.call(count).request())) {
                engine.prepare(worker, worker.call(count));
                count++;
            }
        } catch (ProtocolError error) {
            broken = error;
        }
        if (count < most && broken == null && reader.isInside()) {
            partial = worker.call(count).exchange(new Request());
        }
        boolean goesOn = run(count, limit);
        for (int i = 0; i < Math.min(count + 1, most); i++) {
            worker.call(i).request().release();
        }
        if (!goesOn) {
            return false;
        }
        if (broken != null) {
            output.error("ERR Protocol error: " + broken.getMessage());
            end();
            return false;
        }
        return count == most;
    }

    /// @return whether to go on
    private boolean run(int count, long limit) {
        engine.fetch(session);
        for (int i = 0; i < count; i++) {
            Engine.Outcome outcome = engine.run(session, worker.call(i), output);
            if (outcome != Engine.Outcome.DONE) {
                hold(outcome == Engine.Outcome.LATER ? i : i + 1, count, limit);
                return false;
            }
            output.protocol(session.protocol());
            if (session.isClosing()) {
                end();
                return false;
            }
        }
        return true;
    }

    /// Keeps the beginning of an unfinished request.
    private void keep(long from, long limit) {
        if (ending || held || from == limit) {
            return;
        }
        input.append(from, limit - from, reader.wantedBytes());
        limitInput();
    }

    private void limitInput() {
        if (input.length() > engine.config().clientQueryBufferLimit.value()) {
            LOG.warn("closing a client whose request is too long: client={}, bytes={}", address(), input.length());
            engine.clients().limitInput();
            end();
        }
    }

    // ---- requests that are held
    // --------------------------------------------------------------------------------

    /// Keeps what has been read and may not run yet, as if it had just come.
    ///
    /// @param from the first request of the batch that may not
    private void hold(int from, int count, long limit) {
        long rest = reader.position();
        if (from == count && rest == limit) {
            input.clear();
        } else {
            var kept = new Input();
            for (int i = from; i < count; i++) {
                kept.append(worker.call(i).request());
            }
            kept.append(rest, limit - rest, 0);
            input.takeOver(kept);
        }
        dropPartial();
        reader.restart();
        held = true;
        limitHeld();
    }

    /// A client that sends ever more behind a command that waits fills its own buffers, not ours.
    private void limitHeld() {
        if (input.length() > MAX_HELD_BYTES) {
            channel.config().setAutoRead(false);
        }
    }

    private void dropPartial() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    private void resumeNow() {
        if (held && !ending && !session.isWaiting()) {
            goOn();
            flush();
        }
    }

    private void goOn() {
        held = false;
        loop.deliver();
        worker.beginBatch();
        lastHeardMs = worker.nowMs();
        if (!input.isEmpty()) {
            readInput();
        }
        if (!held && !ending) {
            channel.config().setAutoRead(true);
        }
    }

    /// The command that waited has its answer.
    private void answered(Answer answer) {
        engine.answered(session);
        if (ending && !endsWhenAnswered) {
            answer.free();
            return;
        }
        answer.moveTo(output);
        if (endsWhenAnswered || session.isClosing()) {
            end();
            return;
        }
        goOn();
        if (output.hasUnsent()) {
            flushLater();
        }
    }

    // ---- replies
    // ------------------------------------------------------------------------------------------------

    @Override
    public void channelReadComplete(ChannelHandlerContext ignored) {
        if (output.hasUnsent()) {
            flushLater();
        } else {
            reportMemory();
        }
    }

    private void flushLater() {
        if (!isToFlush) {
            isToFlush = true;
            loop.flushLater(this);
        }
    }

    /// The client takes replies again.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        if (channel.isWritable() && !ending) {
            flushLater();
        }
    }

    /// Sends what has been written, or holds it until it may be sent.
    void flush() {
        flush(loop.durability().needed());
        loop.durability().nudge();
    }

    /// @param offset of the journal that must be on disk before what has been written may be sent, or 0
    void flush(long offset) {
        isToFlush = false;
        if (!loop.durability().isHolding() && !output.hasPieces()) {
            sent(output.flush());
        }
        output.hold(offset);
        if (output.hasPieces() && release()) {
            loop.hold(this, offset);
        }
    }

    /// Sends what was held, as far as it may go now.
    ///
    /// @return whether there is more
    boolean release() {
        if (loop.durability().isBroken() && output.hasPieces()) {
            // The client can be told neither that it is done nor that it is not.
            LOG.warn("closing a client whose changes cannot be brought to disk: client={}", address());
            drop();
            return false;
        }
        sent(output.release());
        boolean more = output.hasPieces();
        if (closesWhenReleased && !more) {
            closesWhenReleased = false;
            closeWhenSent();
        }
        return more;
    }

    private void sent(long bytes) {
        if (bytes > 0) {
            worker.sent(bytes);
            session.sent(bytes);
        }
        limitOutput(worker.nowMs());
        reportMemory();
    }

    private void limitOutput(long nowMs) {
        if (outputLimit.isExceeded(outputBytes(), nowMs)) {
            LOG.warn("closing a client that does not read its replies: client={}, bytes={}", address(), outputBytes());
            engine.clients().limitOutput();
            drop();
        }
    }

    // ---- rounds
    // -------------------------------------------------------------------------------------------------

    /// Looks after a connection of which nothing may be heard: it may be idle for too long, or not have read its
    /// replies for too long.
    void check(long nowMs) {
        long outputBytes = outputBytes();
        if (outputBytes != lastOutputBytes) {
            lastOutputBytes = outputBytes;
            lastHeardMs = nowMs;
        }
        long timeoutMs = engine.config().timeout.value() * 1_000;
        if (timeoutMs > 0 && nowMs - lastHeardMs > timeoutMs && !held && waitsForNothing()) {
            LOG.debug("closing an idle client: client={}", address());
            drop();
            return;
        }
        limitOutput(nowMs);
        reportMemory();
    }

    /// Whether nothing is to be said to it that it has not asked for.
    private boolean waitsForNothing() {
        return !session.isMonitor() && !session.isSubscriber();
    }

    private void reportMemory() {
        long bytes = session.memoryBytes();
        if (bytes != reportedBytes) {
            long more = bytes - reportedBytes;
            reportedBytes = bytes;
            memory.changed(more);
        }
    }

    /// Closes at once, for the sake of the others' memory. From any thread.
    void evict() {
        channel.eventLoop().execute(this::drop);
    }

    /// Closes at once: what waits to be sent is lost.
    private void drop() {
        ending = true;
        channel.close();
    }

    /// Sends what is written, then closes.
    ///
    /// @return done when it is closed
    ChannelFuture sayGoodbye() {
        if (!ending) {
            end();
        }
        return channel.closeFuture();
    }

    /// Sends what is written, then closes.
    private void end() {
        ending = true;
        if (!engine.stopWaiting(session)) {
            endsWhenAnswered = true;
            return;
        }
        output.finish();
        closesWhenReleased = true;
        flush();
        if (closesWhenReleased && !output.hasPieces()) {
            closesWhenReleased = false;
            closeWhenSent();
        }
    }

    private void closeWhenSent() {
        channel.writeAndFlush(channel.alloc().buffer(0, 0)).addListener(ChannelFutureListener.CLOSE);
    }

    /// The client sends no more: it gets the replies to what it has sent, and the connection ends.
    @Override
    public void userEventTriggered(ChannelHandlerContext ignored, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !ending) {
            end();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        ending = true;
        endsWhenAnswered = false;
        output.discard();
        input.clear();
        dropPartial();
        memory.changed(-reportedBytes);
        reportedBytes = 0;
        engine.disconnect(session);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("connection lost: client={}", address(), cause);
        } else {
            LOG.error("connection failed: client={}", address(), cause);
        }
        channel.close();
    }

    // ---- what others see
    // ----------------------------------------------------------------------------------------

    @Override
    public String address() {
        return text(channel.remoteAddress());
    }

    @Override
    public String localAddress() {
        return text(channel.localAddress());
    }

    /// A unix socket has one address at both ends: its path, with a port as in Redis.
    private String text(@Nullable SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet ->
                inet.getAddress() instanceof java.net.Inet6Address
                        ? "[" + inet.getAddress().getHostAddress() + "]:" + inet.getPort()
                        : inet.getAddress().getHostAddress() + ":" + inet.getPort();
            case null, default -> engine.config().unixsocket.value() + ":0";
        };
    }

    @Override
    public boolean isLocal() {
        return Door.isLocal(channel.remoteAddress());
    }

    @Override
    public void close() {
        channel.eventLoop().execute(() -> {
            if (!ending) {
                end();
            }
        });
    }

    @Override
    public void tell(Message message) {
        byte[] bytes = ending ? null : message.encoded(session);
        if (bytes == null) {
            return;
        }
        if (bytes.length < SHARED_MESSAGE_BYTES) {
            output.message(bytes);
        } else {
            output.message(bytes[0], loop.share(bytes));
        }
        flushLater();
    }

    @Override
    public void answer(Answer answer) {
        channel.eventLoop().execute(() -> answered(answer));
    }

    @Override
    public void resume() {
        channel.eventLoop().execute(resumption);
    }

    @Override
    public long outputBytes() {
        var pending = channel.unsafe().outboundBuffer();
        return output.heldBytes() + (pending == null ? 0 : pending.totalPendingWriteBytes());
    }

    @Override
    public int outputPieces() {
        var pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.size();
    }

    @Override
    public long inputBytes() {
        return input.length();
    }

    @Override
    public long memoryBytes() {
        return OWN_BYTES + input.capacity() + outputBytes();
    }

    @Override
    public long inputRoomBytes() {
        return input.roomBytes();
    }

    @Override
    public int descriptor() {
        return channel instanceof UnixChannel known ? known.fd().intValue() : -1;
    }

    @Override
    public String transport() {
        return channel instanceof UnixChannel ? "epoll" : "nio";
    }

    @Override
    public boolean isUnix() {
        return channel.remoteAddress() instanceof DomainSocketAddress;
    }
}
