package io.nuthatch.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// Values as servers wrote them before Redis 7, and hashes as servers write them since 7.4: bodies of DUMP
/// payloads, made by what the formats say, independently of the code under test. A string holds one byte in each
/// character.
final class OldForms {
    static final int SORTED_SET_TEXT = 3;
    static final int HASH_ZIPMAP = 9;
    static final int LIST_ZIPLIST = 10;
    static final int SORTED_SET_ZIPLIST = 12;
    static final int HASH_ZIPLIST = 13;
    static final int LIST_QUICKLIST = 14;
    static final int HASH_TIMED_CANDIDATE = 22;
    static final int HASH_TIMED_LISTPACK_CANDIDATE = 23;
    static final int HASH_TIMED = 24;
    static final int HASH_TIMED_LISTPACK = 25;

    private OldForms() {}

    private static String bytes(ByteArrayOutputStream out) {
        return out.toString(ISO_8859_1);
    }

    /// A number in `size` bytes, the lowest first.
    static String little(long value, int size) {
        var text = new StringBuilder();
        for (int i = 0; i < size; i++) {
            text.append((char) (value >>> 8 * i & 0xFF));
        }
        return text.toString();
    }

    private static String big(long value, int size) {
        return new StringBuilder(little(value, size)).reverse().toString();
    }

    /// A length of RDB.
    static String length(long value) {
        if (value < 64) {
            return little(value, 1);
        }
        return value < 16_384 ? big(0x4000 | value, 2) : "\u0081" + big(value, 8);
    }

    static String string(String text) {
        return length(text.length()) + text;
    }

    static String packed(int type, String block) {
        return (char) type + string(block);
    }

    static String quicklist(List<List<String>> nodes) {
        var body = new StringBuilder().append((char) LIST_QUICKLIST).append(length(nodes.size()));
        nodes.forEach(node -> body.append(string(ziplist(node))));
        return body.toString();
    }

    /// @param pairs member, score, member, score
    static String scores(List<String> pairs) {
        var body = new StringBuilder().append((char) SORTED_SET_TEXT).append(length(pairs.size() / 2));
        for (int i = 0; i < pairs.size(); i += 2) {
            String score = pairs.get(i + 1);
            String written = switch (score) {
                case "inf" -> "\u00fe";
                case "-inf" -> "\u00ff";
                default -> little(score.length(), 1) + score;
            };
            body.append(string(pairs.get(i))).append(written);
        }
        return body.toString();
    }

    static String ziplist(List<String> entries) {
        var body = new ByteArrayOutputStream();
        int before = 0;
        int last = 10;
        for (String entry : entries) {
            last = 10 + body.size();
            byte[] coded = (before(before) + coded(entry)).getBytes(ISO_8859_1);
            body.writeBytes(coded);
            before = coded.length;
        }
        String head = little(11 + body.size(), 4) + little(last, 4) + little(Math.min(entries.size(), 0xFFFF), 2);
        return head + bytes(body) + "\u00ff";
    }

    private static String before(int length) {
        return length < 254 ? little(length, 1) : "\u00fe" + little(length, 4);
    }

    private static String coded(String entry) {
        if (entry.matches("0|-?[1-9]\\d{0,17}")) {
            return integer(Long.parseLong(entry));
        }
        int length = entry.length();
        String head =
                length < 64 ? little(length, 1) : length < 16_384 ? big(0x4000 | length, 2) : "\u0080" + big(length, 4);
        return head + entry;
    }

    private static String integer(long value) {
        if (value >= 0 && value <= 12) {
            return little(0xF1 + value, 1);
        }
        if (value == (byte) value) {
            return "\u00fe" + little(value, 1);
        }
        if (value == (short) value) {
            return "\u00c0" + little(value, 2);
        }
        if (value << 40 >> 40 == value) {
            return "\u00f0" + little(value, 3);
        }
        return value == (int) value ? "\u00d0" + little(value, 4) : "\u00e0" + little(value, 8);
    }

    /// @param pairs field, value, field, value
    /// @param spare bytes after each value that mean nothing
    static String zipmap(List<String> pairs, int spare) {
        var body = new StringBuilder(little(Math.min(pairs.size() / 2, 254), 1));
        for (int i = 0; i < pairs.size(); i += 2) {
            body.append(mapLength(pairs.get(i))).append(pairs.get(i));
            body.append(mapLength(pairs.get(i + 1))).append((char) spare).append(pairs.get(i + 1));
            body.append("?".repeat(spare));
        }
        return body.append('\u00ff').toString();
    }

    private static String mapLength(String text) {
        return text.length() < 254 ? little(text.length(), 1) : "\u00fe" + little(text.length(), 4);
    }

    /// @param entries short ones; numbers are packed as numbers
    static String listpack(List<String> entries) {
        var body = new StringBuilder();
        for (String entry : entries) {
            String coded = entry.matches("\\d+")
                    ? "\u00f4" + little(Long.parseLong(entry), 8)
                    : (char) (0x80 | entry.length()) + entry;
            body.append(coded).append((char) coded.length());
        }
        return little(7 + body.length(), 4) + little(entries.size(), 2) + body + "\u00ff";
    }

    /// A whole payload: the body, the version and the checksum.
    static String sealed(String body, int version) {
        String text = body + little(version, 2);
        return text + little(checksum(text.getBytes(ISO_8859_1)), 8);
    }

    /// CRC-64 by its definition, one bit after the other.
    private static long checksum(byte[] bytes) {
        long sum = 0;
        for (byte b : bytes) {
            sum ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                sum = (sum & 1) != 0 ? sum >>> 1 ^ 0x95AC9329AC4BC9B5L : sum >>> 1;
            }
        }
        return sum;
    }
}
