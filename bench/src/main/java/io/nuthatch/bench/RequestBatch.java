package io.nuthatch.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The requests of one pipeline, encoded one after the other in a direct buffer that goes to the socket as it is.
/// Before each sending only the digits in the holes are written anew, which costs some 10 ns a number and no
/// garbage.
///
/// Thread: one load thread; its connections share the batch, as each sends it whole before the next one renews it.
final class RequestBatch {
    private static final short[] DIGIT_PAIRS = digitPairs();

    private final ByteBuffer bytes;
    private final int requests;
    private final long keys;
    private final Template.Hole[] holes;
    /// For each hole, which of the requests it is in.
    private final int[] requestOfHole;

    private RequestBatch(ByteBuffer bytes, int requests, long keys, Template.Hole[] holes, int[] requestOfHole) {
        this.bytes = bytes;
        this.requests = requests;
        this.keys = keys;
        this.holes = holes;
        this.requestOfHole = requestOfHole;
    }

    /// @param keys after how many requests the running number starts again
    static RequestBatch of(List<Template> requests, long keys) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(
                requests.stream().mapToInt(request -> request.bytes().length).sum());
        List<Template.Hole> holes = new ArrayList<>();
        List<Integer> requestOfHole = new ArrayList<>();
        int count = 0;
        for (Template request : requests) {
            for (Template.Hole hole : request.holes()) {
                holes.add(hole.movedBy(bytes.position()));
                requestOfHole.add(count);
            }
            bytes.put(request.bytes());
            count += request.requests();
        }
        return new RequestBatch(
                bytes.flip(),
                count,
                keys,
                holes.toArray(Template.Hole[]::new),
                requestOfHole.stream().mapToInt(Integer::intValue).toArray());
    }

    /// How many replies it asks for.
    int requests() {
        return requests;
    }

    int sizeBytes() {
        return bytes.capacity();
    }

    /// The encoded requests, from the first to the last byte; whoever sends them moves the position.
    ByteBuffer bytes() {
        return bytes.clear();
    }

    /// Writes new numbers into all holes.
    ///
    /// @param firstSequence the running number of the first request
    void renew(RandomNumbers random, long firstSequence) {
        renew(random, firstSequence, 0, firstSequence);
    }

    /// The same for the connection that will send it.
    ///
    /// @param firstRising the number of the first request that is higher than all this connection has sent
    void renew(RandomNumbers random, long firstSequence, int connection, long firstRising) {
        long number = 0;
        for (int i = 0; i < holes.length; i++) {
            Template.Hole hole = holes[i];
            number = switch (hole.source()) {
                case RANDOM -> random.below(hole.range());
                case SEQUENCE -> (firstSequence + requestOfHole[i]) % keys % hole.range();
                case CONNECTION -> connection % hole.range();
                case RISING -> firstRising + requestOfHole[i];
                case SAME -> number;
            };
            putDigits(hole.end(), hole.digits(), hole.first() + number);
        }
    }

    private void putDigits(int end, int digits, long number) {
        long rest = number;
        int at = end;
        for (int left = digits; left >= 2; left -= 2) {
            at -= 2;
            bytes.putShort(at, DIGIT_PAIRS[(int) (rest % 100)]);
            rest /= 100;
        }
        if ((digits & 1) != 0) {
            bytes.put(at - 1, (byte) ('0' + rest % 10));
        }
    }

    private static short[] digitPairs() {
        short[] pairs = new short[100];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = (short) (('0' + i / 10) << 8 | ('0' + i % 10));
        }
        return pairs;
    }
}
