package org.airpost.phone;

import static org.airpost.phone.SyncAnswers.add;
import static org.airpost.phone.SyncAnswers.changeRead;
import static org.airpost.phone.SyncAnswers.collection;
import static org.airpost.phone.SyncAnswers.commands;
import static org.airpost.phone.SyncAnswers.delete;
import static org.airpost.phone.SyncAnswers.failed;
import static org.airpost.phone.SyncAnswers.key;
import static org.airpost.phone.SyncAnswers.more;
import static org.assertj.core.api.Assertions.assertThat;

import org.airpost.wbxml.page.AirSync;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaTest {

    private ScriptedServer server;
    private Phone phone;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        phone = server.phone();
    }

    @AfterEach
    void stop() {
        phone.close();
        server.close();
    }

    /** A phone that has items 5:1 and 5:2 with key 2. */
    private void primed() {
        server.says(key("1")).says(collection("2", commands(add("5:1", "one"), add("5:2", "two"))));
        phone.syncAll("5", SyncRequest.PLAIN);
    }

    private Iterable<String> brokenRules() {
        return phone.violations().stream().map(Violation::rule).toList();
    }

    @Test
    void itemsAreAddedChangedAndDeletedAsTheServerSays() {
        primed();
        server.says(collection("3", commands(delete("5:2"), changeRead("5:1", true), add("5:3", "three"))));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(phone.replica("5").items().keySet()).containsExactly("5:1", "5:3");
        assertThat(phone.replica("5").item("5:1").orElseThrow())
                .matches(Item::read)
                .returns("one", Item::subject);
        assertThat(phone.replica("5").key()).isEqualTo("3");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void syncAllGoesOnWhileThereIsMore() {
        server.says(key("1"))
                .says(collection("2", more().andThen(commands(add("5:1", "one")))))
                .says(collection("3", more().andThen(commands(add("5:2", "two")))))
                .says(collection("4", commands(add("5:3", "three"))));
        var last = phone.syncAll("5", SyncRequest.PLAIN.withWindowSize(1));
        assertThat(last.moreAvailable()).isFalse();
        assertThat(phone.replica("5").items()).hasSize(3);
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void anEmptyAnswerLeavesKeyAndItems() {
        primed();
        server.saysNothing();
        assertThat(phone.sync("5", SyncRequest.PLAIN).empty()).isTrue();
        assertThat(phone.replica("5").key()).isEqualTo("2");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void anOwnChangeAndDeleteAreAppliedWhenTheServerSaysNothingAgainstThem() {
        primed();
        server.says(key("3"));
        phone.sync("5", SyncRequest.of(ClientCommand.read("5:1", true), ClientCommand.delete("5:2")));
        assertThat(phone.replica("5").items().keySet()).containsExactly("5:1");
        assertThat(phone.replica("5").item("5:1").orElseThrow().read()).isTrue();
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void anOwnDeleteThatComesBackIsAViolation() {
        primed();
        server.says(collection("3", commands(delete("5:2"))));
        phone.sync("5", SyncRequest.of(ClientCommand.delete("5:2")));
        assertThat(brokenRules()).containsExactly("SV-14");
    }

    @Test
    void aRefusedChangeIsNotApplied() {
        primed();
        server.says(collection(
                "3",
                out -> out.start(AirSync.RESPONSES)
                        .start(AirSync.CHANGE)
                        .text(AirSync.SERVER_ID, "5:1")
                        .text(AirSync.STATUS, 8)
                        .end()
                        .end()));
        var answer = phone.sync("5", SyncRequest.of(ClientCommand.read("5:1", true)));
        assertThat(answer.responses()).singleElement().returns(8, CommandResponse::status);
        assertThat(phone.replica("5").item("5:1").orElseThrow().read()).isFalse();
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void anAddOfAKnownItemIsAViolation() {
        primed();
        server.says(collection("3", commands(add("5:1", "one"))));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SV-14");
    }

    @Test
    void aChangeOrDeleteOfAnUnknownItemIsAViolation() {
        primed();
        server.says(collection("3", commands(delete("5:8"), changeRead("5:9", true))));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SV-14", "SV-14");
    }

    @Test
    void aLostAnswerChangesNothingAndTheRepeatSendsTheSameBytes() {
        primed();
        server.says(collection("3", commands(add("5:3", "three"))))
                .says(collection("3a", commands(add("5:3", "three"))));
        var lost = phone.syncAndLoseTheAnswer("5", SyncRequest.of(ClientCommand.read("5:1", true)));
        assertThat(lost.added()).containsExactly("5:3");
        assertThat(phone.replica("5").key()).isEqualTo("2");
        assertThat(phone.replica("5").items()).doesNotContainKey("5:3");

        phone.repeatLastSync("5");
        var requests = server.asked();
        assertThat(requests.getLast().body())
                .isEqualTo(requests.get(requests.size() - 2).body());
        assertThat(phone.replica("5").items()).containsKey("5:3");
        assertThat(phone.replica("5").item("5:1").orElseThrow().read()).isTrue();
        assertThat(phone.replica("5").key()).isEqualTo("3a");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void afterARepeatOfAnAnsweredSyncItemsMayComeAgain() {
        primed();
        server.says(collection("3", commands(delete("5:2"), add("5:3", "three"))))
                .says(collection("3a", commands(delete("5:2"), add("5:3", "three"))));
        phone.sync("5", SyncRequest.PLAIN);
        phone.repeatLastSync("5");
        assertThat(phone.replica("5").items().keySet()).containsExactly("5:1", "5:3");
        assertThat(phone.violations()).isEmpty();
    }

    @Test
    void moreAvailableWithAnUnchangedKeyIsAViolation() {
        primed();
        server.says(collection("2", more()));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SK-10");
    }

    @Test
    void itemsWithAnUnchangedKeyAreAViolation() {
        primed();
        server.says(collection("2", commands(add("5:3", "three"))));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SK-03");
    }

    @Test
    void itemsInTheAnswerToKeyZeroAreAViolation() {
        server.says(collection("1", commands(add("5:1", "one"))));
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SK-01");
    }

    @Test
    void moreItemsThanTheWindowAreAViolation() {
        server.says(key("1")).says(collection("2", commands(add("5:1", "one"), add("5:2", "two"))));
        phone.syncAll("5", SyncRequest.PLAIN.withWindowSize(1));
        assertThat(brokenRules()).containsExactly("SC-10");
    }

    @Test
    void moreAvailableAfterCommandsIsAViolation() {
        server.says(key("1")).says(collection("2", commands(add("5:1", "one")).andThen(more())));
        phone.sync("5", SyncRequest.PLAIN);
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SC-02");
    }

    @Test
    void anEmptyAnswerToKeyZeroIsAViolation() {
        server.saysNothing();
        phone.sync("5", SyncRequest.PLAIN);
        assertThat(brokenRules()).containsExactly("SC-24");
    }

    @Test
    void aStatusIsAValueAndAViolationAndLeavesTheReplica() {
        primed();
        server.says(failed(3));
        var answer = phone.sync("5", SyncRequest.PLAIN);
        assertThat(answer.status()).isEqualTo(3);
        assertThat(answer.succeeded()).isFalse();
        assertThat(phone.replica("5").items()).hasSize(2);
        assertThat(brokenRules()).containsExactly("Status");
    }

    @Test
    void aStatusOfTheWholeAnswerComesWithoutCollections() {
        primed();
        server.says(out -> out.start(AirSync.SYNC)
                .text(AirSync.STATUS, 14)
                .text(AirSync.LIMIT, 3540)
                .end());
        var answer = phone.sync("5", SyncRequest.PLAIN);
        assertThat(answer.topStatus()).isEqualTo(14);
        assertThat(answer.limit()).contains(3540L);
    }

    @Test
    void aFetchWithoutResponseIsAViolation() {
        primed();
        server.says(key("3"));
        phone.sync("5", SyncRequest.of(ClientCommand.fetch("5:1")));
        assertThat(brokenRules()).containsExactly("CC-01");
    }
}
