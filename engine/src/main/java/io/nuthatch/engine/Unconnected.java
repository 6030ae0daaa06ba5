package io.nuthatch.engine;

/// Stands behind a session that no connection belongs to: one that runs a log's commands again, or is measured.
///
/// @param transport what the session is called where others say how they are connected
public record Unconnected(String transport) implements Session.Peer {
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
