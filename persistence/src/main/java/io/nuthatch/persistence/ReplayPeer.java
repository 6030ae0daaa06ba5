package io.nuthatch.persistence;

import io.nuthatch.engine.Answer;
import io.nuthatch.engine.Message;
import io.nuthatch.engine.Session;

/// Behind the session that runs a log's commands again is no connection.
final class ReplayPeer implements Session.Peer {
    @Override
    public String address() {
        return "";
    }

    @Override
    public String localAddress() {
        return "";
    }

    @Override
    public void close() {
        // There is nothing to close.
    }

    @Override
    public void tell(Message message) {
        // Nobody reads it.
    }

    @Override
    public void resume() {
        // Nothing was put off.
    }

    @Override
    public long outputBytes() {
        return 0;
    }

    @Override
    public int outputPieces() {
        return 0;
    }

    @Override
    public long inputBytes() {
        return 0;
    }

    @Override
    public long memoryBytes() {
        return 0;
    }

    @Override
    public long inputRoomBytes() {
        return 0;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public String transport() {
        return "log";
    }

    @Override
    public boolean isUnix() {
        return false;
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public void answer(Answer answer) {
        answer.free();
    }
}
