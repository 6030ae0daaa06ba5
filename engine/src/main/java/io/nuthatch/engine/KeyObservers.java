package io.nuthatch.engine;

import io.nuthatch.memory.Bytes;
import io.nuthatch.store.KeyEvent;
import io.nuthatch.store.KeyListener;
import java.util.List;
import java.util.function.Predicate;

/// Hands what happens to keys to all who want to know, in this order.
///
/// Locks: the key's shard's; each of those named here says what it guards with it.
final class KeyObservers implements KeyListener {
    private final Watches watches;
    private final Waits waits;
    private final Notifications notifications;
    private final Tracking tracking;

    KeyObservers(Watches watches, Waits waits, Notifications notifications, Tracking tracking) {
        this.watches = watches;
        this.waits = waits;
        this.notifications = notifications;
        this.tracking = tracking;
    }

    @Override
    public void happened(int shard, int db, Bytes key, KeyEvent event) {
        if (event.isChange()) {
            watches.changed(shard, db, key);
            waits.happened(shard, db, key, event);
            tracking.happened(key, event);
        }
        notifications.happened(db, key, event);
    }

    @Override
    public boolean wantsFields() {
        return notifications.wantsFields();
    }

    @Override
    public void concerned(int db, Bytes key, KeyEvent event, List<byte[]> fields) {
        notifications.concerned(db, key, event, fields);
    }

    @Override
    public void replaced(int shard, int db, Predicate<Bytes> concerns) {
        watches.replaced(shard, db, concerns);
        waits.replaced(shard, db, concerns);
    }

    @Override
    public void databasesReplaced() {
        tracking.databasesReplaced();
    }
}
