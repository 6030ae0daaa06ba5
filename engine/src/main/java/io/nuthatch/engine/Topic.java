package io.nuthatch.engine;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/// A channel or a pattern with those who have subscribed to it, grouped by event loop: a message is handed to each
/// event loop once, which knows its own subscribers.
///
/// Threads: [#add] and [#remove] are called on the thread of the client, and exclude each other; anyone sends.
final class Topic {
    private final ByteString name;
    private volatile Group[] groups = {};

    Topic(ByteString name) {
        this.name = name;
    }

    /// The subscribers of one event loop.
    private static final class Group implements Receivers {
        private final Inbox inbox;

        /// Thread: the event loop's.
        private final Set<Session> members = new LinkedHashSet<>();

        private volatile int count;

        private Group(Inbox inbox) {
            this.inbox = inbox;
        }

        @Override
        public void forEach(Consumer<Session> receiver) {
            members.forEach(receiver);
        }

        private void recount() {
            count = members.size();
        }
    }

    ByteString name() {
        return name;
    }

    void add(Session session) {
        Group group = group(session.worker().inbox());
        group.members.add(session);
        group.recount();
    }

    private Group group(Inbox inbox) {
        Group[] known = groups;
        for (Group each : known) {
            if (each.inbox == inbox) {
                return each;
            }
        }
        Group fresh = new Group(inbox);
        Group[] more = Arrays.copyOf(known, known.length + 1);
        more[known.length] = fresh;
        groups = more;
        return fresh;
    }

    /// @return whether nobody is left
    boolean remove(Session session) {
        Group group = group(session.worker().inbox());
        group.members.remove(session);
        group.recount();
        return subscribers() == 0;
    }

    int subscribers() {
        int sum = 0;
        for (Group each : groups) {
            sum += each.count;
        }
        return sum;
    }

    /// Sends a message to all subscribers.
    ///
    /// @return how many there are
    int send(Message message) {
        int sum = 0;
        for (Group each : groups) {
            int count = each.count;
            if (count > 0) {
                each.inbox.put(each, message);
                sum += count;
            }
        }
        return sum;
    }
}
