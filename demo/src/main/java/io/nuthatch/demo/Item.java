package io.nuthatch.demo;

/// What the demo stores: about 150 bytes.
record Item(long id, String name, double price, String text) {
    private static final String TEXT = "A nuthatch is the only bird that climbs down a tree head first. ".repeat(2);

    static Item numbered(long id) {
        return new Item(id, "item " + id, id % 1_000 / 10.0, TEXT);
    }
}
