package io.nuthatch.commands;

import io.nuthatch.engine.PubSub.Kind;
import io.nuthatch.engine.Session;
import io.nuthatch.engine.Tracker;
import org.jspecify.annotations.Nullable;

/// A client as a line of CLIENT LIST: Redis's fields in Redis's order, then those that only Valkey has.
///
/// The figures of another thread's client may be a little late. Replies are written into buffers that are held only
/// until they are sent, so there is no reply buffer (`rbs`, `rbp`, `obl`) but a list of pieces (`oll`, `omem`).
final class ClientLine {

    private ClientLine() {}

    static String of(Session client, long nowMs) {
        Session.Peer peer = client.peer();
        long inputBytes = peer.inputBytes();
        long inputRoomBytes = peer.inputRoomBytes();
        long outputBytes = peer.outputBytes();
        return "id=" + client.id()
                + " addr=" + peer.address()
                + " laddr=" + peer.localAddress()
                + " fd=" + peer.descriptor()
                + " name=" + client.name()
                + " age=" + ageSeconds(client, nowMs)
                + " idle=" + idleSeconds(client, nowMs)
                + " flags=" + flags(client)
                + " db=" + client.db()
                + " sub=" + client.subscriptions(Kind.CHANNEL)
                + " psub=" + client.subscriptions(Kind.PATTERN)
                + " ssub=" + client.subscriptions(Kind.SHARD_CHANNEL)
                + " multi=" + client.queuedCommands()
                + " watch=" + client.watchedKeys()
                + " qbuf=" + inputBytes
                + " qbuf-free=" + inputRoomBytes
                + " argv-mem=0"
                + " multi-mem=" + client.queuedBytes()
                + " rbs=0 rbp=0 obl=0"
                + " oll=" + peer.outputPieces()
                + " omem=" + outputBytes
                + " tot-mem=" + (client.memoryBytes() + client.queuedBytes())
                + " events=" + (outputBytes > 0 ? "rw" : "r")
                + " cmd=" + client.lastCommand()
                + " user=" + client.user()
                + " redir=" + ClientCommands.redirect(client)
                + " resp=" + client.protocol()
                + " lib-name=" + client.libraryName()
                + " lib-ver=" + client.libraryVersion()
                + " capa=" + capabilities(client)
                + " tot-net-in=" + client.receivedBytes()
                + " tot-net-out=" + client.sentBytes()
                + " tot-cmds=" + client.commands();
    }

    static long ageSeconds(Session client, long nowMs) {
        return Math.max(0, nowMs - client.bornMs()) / 1000;
    }

    static long idleSeconds(Session client, long nowMs) {
        return Math.max(0, nowMs - client.lastActiveMs()) / 1000;
    }

    static String flags(Session client) {
        String flags = (client.isMonitor() ? "O" : "")
                + (client.isSubscriber() ? "P" : "")
                + (client.isWaiting() ? "b" : "")
                + (client.queuedCommands() >= 0 ? "x" : "")
                + trackingFlags(client.tracker())
                + (client.isClosing() ? "c" : "")
                + (client.peer().isUnix() ? "U" : "")
                + (client.isNoEvict() ? "e" : "")
                + (client.isNoTouch() ? "T" : "");
        return flags.isEmpty() ? "N" : flags;
    }

    private static String trackingFlags(@Nullable Tracker tracker) {
        if (tracker == null) {
            return "";
        }
        return "t" + (tracker.isRedirectBroken() ? "R" : "") + (tracker.mode() == Tracker.Mode.BROADCAST ? "B" : "");
    }

    /// A letter each: `r` for redirect.
    static String capabilities(Session client) {
        return client.followsRedirects() ? "r" : "";
    }
}
