package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WaitersTest {

    private final Waiters waiters = new Waiters();
    private final List<String> ended = new ArrayList<>();

    private Waiters.Waiting waiting(String name) {
        return () -> ended.add(name);
    }

    @Test
    void aNewerRequestEndsTheOlderOneOnce() {
        var older = waiting("older");
        var newer = waiting("newer");
        waiters.enter(Fixtures.PHONE, older);
        waiters.enter(Fixtures.PHONE, newer);
        assertThat(ended).containsExactly("older");
        waiters.supersede(Fixtures.PHONE);
        waiters.supersede(Fixtures.PHONE);
        assertThat(ended).containsExactly("older", "newer");
        assertThat(waiters.count()).isZero();
    }

    @Test
    void whoEntersAgainDoesNotEndItself() {
        var one = waiting("one");
        waiters.enter(Fixtures.PHONE, one);
        waiters.enter(Fixtures.PHONE, one);
        assertThat(ended).isEmpty();
        assertThat(waiters.count()).isOne();
    }

    @Test
    void anOlderRequestThatLeavesLateDoesNotTakeTheNewerOneWithIt() {
        var older = waiting("older");
        waiters.enter(Fixtures.PHONE, older);
        waiters.enter(Fixtures.PHONE, waiting("newer"));
        waiters.leave(Fixtures.PHONE, older);
        assertThat(waiters.count()).isOne();
    }
}
