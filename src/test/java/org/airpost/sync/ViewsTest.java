package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ViewsTest {

    private static final int LARGE = 20;
    private static final int MAILS = 2_000;

    private final Fixtures ann = new Fixtures();

    private Views views(long bytes) {
        return new Views(
                ann.store,
                ann.clock,
                new Conversations(ann.store, ann.clock, List.of("Message-ID"), _ -> OptionalLong.empty()),
                bytes);
    }

    /** Of large views fewer are kept than of small ones; those that went are in the store, and lose nothing. */
    @Test
    void viewsCountForTheMemoryThatTheyTake() throws InterruptedException {
        for (int i = 0; i < LARGE; i++) {
            ann.mail.create("ann", "A" + i, Optional.empty());
            for (int uid = 0; uid < MAILS; uid++) {
                ann.deliver("A" + i);
            }
        }
        var folders = ann.folders.list(ann.account).stream()
                .filter(folder -> folder.mailbox().startsWith("A"))
                .toList();
        var views = views(50_000);
        for (var folder : folders) {
            views.refresh(ann.account, folder);
        }
        long first = views.known(ann.account, folders.getFirst()).present().size();
        assertThat(first).isEqualTo(MAILS);
        // What is too much goes on another thread, and is written by it.
        while (ann.store.scan("view/ann/", "", 100).size() < LARGE / 4) {
            Thread.sleep(5);
        }
        assertThat(folders)
                .allSatisfy(folder -> assertThat(
                                views.refresh(ann.account, folder).orElseThrow().present())
                        .isEqualTo(UidSet.range(1, MAILS)));
    }
}
