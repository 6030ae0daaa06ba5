package io.nuthatch.commands;

import java.util.random.RandomGenerator;

/// What LOLWUT draws: a bare tree in winter, another one each time, and on its trunk a nuthatch, the bird that
/// climbs down head first.
///
/// A branch grows into two or three thinner ones, each turned a little by chance, until they are twigs: the
/// self-similar trees of A. Lindenmayer's and P. Prusinkiewicz's *The Algorithmic Beauty of Plants* (1990), drawn
/// in the 2 x 4 dots of Unicode's Braille letters.
final class Lolwut {
    private static final int DOTS_ACROSS = 2;
    private static final int DOTS_DOWN = 4;
    private static final int BRAILLE = 0x2800;

    /// The bits of a Braille letter's dots, row by row.
    private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private static final int GENERATIONS = 9;
    private static final double TRUNK_SHARE = 0.26;
    private static final double SHRINKING = 0.78;
    private static final double SPREAD = 0.42;

    private static final String[] BIRD = {
        "....##..", //
        "...####.", //
        "..#####.", //
        ".#####..", //
        ".####...", //
        "######..", //
        "..##....", //
        "#.#.....", //
        ".#......"
    };

    private final boolean[][] canvas;
    private final RandomGenerator random;

    private Lolwut(int columns, int rows, RandomGenerator random) {
        this.canvas = new boolean[rows * DOTS_DOWN][columns * DOTS_ACROSS];
        this.random = random;
    }

    /// @param columns letters across
    /// @param rows letters down
    static String draw(int columns, int rows, RandomGenerator random) {
        Lolwut picture = new Lolwut(columns, rows, random);
        int height = rows * DOTS_DOWN;
        double middle = columns * DOTS_ACROSS / 2.0;
        picture.grow(middle, height - 1, -Math.PI / 2, height * TRUNK_SHARE, GENERATIONS);
        picture.perch((int) middle + 2, height - BIRD.length - 2);
        return picture.text();
    }

    private void grow(double x, double y, double angle, double length, int generations) {
        double endX = x + Math.cos(angle) * length;
        double endY = y + Math.sin(angle) * length;
        int thickness = generations / 3;
        for (int side = -thickness / 2; side <= (thickness + 1) / 2; side++) {
            line(x + side, y, endX + side, endY);
        }
        if (generations == 0) {
            return;
        }
        int branches = random.nextInt(5) == 0 ? 3 : 2;
        for (int i = 0; i < branches; i++) {
            double turn = SPREAD * (2.0 * i / (branches - 1) - 1) + random.nextGaussian() * SPREAD / 3;
            double shorter = length * (SHRINKING + random.nextGaussian() * 0.08);
            grow(endX, endY, angle + turn, Math.max(1, shorter), generations - 1);
        }
    }

    private void line(double x, double y, double endX, double endY) {
        int steps = (int) Math.ceil(Math.max(Math.abs(endX - x), Math.abs(endY - y)));
        for (int i = 0; i <= steps; i++) {
            double part = steps == 0 ? 0 : (double) i / steps;
            dot((int) Math.round(x + (endX - x) * part), (int) Math.round(y + (endY - y) * part));
        }
    }

    private void perch(int left, int top) {
        for (int y = 0; y < BIRD.length; y++) {
            for (int x = 0; x < BIRD[y].length(); x++) {
                if (BIRD[y].charAt(x) == '#') {
                    dot(left + x, top + y);
                }
            }
        }
    }

    private void dot(int x, int y) {
        if (y >= 0 && y < canvas.length && x >= 0 && x < canvas[y].length) {
            canvas[y][x] = true;
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int y = 0; y < canvas.length; y += DOTS_DOWN) {
            StringBuilder line = new StringBuilder();
            for (int x = 0; x < canvas[y].length; x += DOTS_ACROSS) {
                line.append(letter(x, y));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private char letter(int left, int top) {
        int dots = 0;
        for (int y = 0; y < DOTS_DOWN; y++) {
            for (int x = 0; x < DOTS_ACROSS; x++) {
                dots |= canvas[top + y][left + x] ? DOTS[y][x] : 0;
            }
        }
        return dots == 0 ? ' ' : (char) (BRAILLE + dots);
    }
}
