#include "ports/gate.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

namespace mpbridge::ports {
namespace {

class FakeOccupant : public Occupant {
  public:
    explicit FakeOccupant(Gate& gate) : gate_(gate) {}

    bool has_closed() override { return closed_by_peer; }
    void depart() override {
        ++departures;
        gate_.release(*this);
    }
    void close() override { ++closings; }
    std::string_view protocol() const override { return "fake"; }
    const std::string& peer() const override { return name_; }
    Traffic traffic() const override { return carried; }

    Traffic carried;
    bool closed_by_peer = false;
    int departures = 0;
    int closings = 0;

  private:
    Gate& gate_;
    std::string name_ = "somewhere";
};

// Can be shut, unless `before_shut` gives other answers first.
class FakeDoor : public Door {
  public:
    bool shut() override {
        ++attempts;
        if (!before_shut.empty()) {
            const auto enter = std::exchange(before_shut, {});
            enter.front()();
            before_shut.assign(enter.begin() + 1, enter.end());
            return false;
        }
        is_shut = true;
        return true;
    }
    void reopen() override {
        is_shut = false;
        ++reopenings;
        if (on_reopen) {
            on_reopen();
        }
    }

    std::vector<std::function<void()>> before_shut; // somebody comes in
    std::function<void()> on_reopen;
    bool is_shut = false;
    int attempts = 0;
    int reopenings = 0;
};

class GateTest : public testing::Test {
  protected:
    std::shared_ptr<FakeOccupant> occupant() { return std::make_shared<FakeOccupant>(gate_); }

    Gate gate_;
    std::shared_ptr<FakeOccupant> first_ = occupant();
    std::shared_ptr<FakeOccupant> second_ = occupant();
};

TEST_F(GateTest, TellsWhoComesAndGoes) {
    std::vector<const Occupant*> clients;
    gate_.watch([&] { clients.push_back(gate_.client()); });
    gate_.admit(first_);
    gate_.admit(second_);
    gate_.release(*first_);
    gate_.enter(second_);
    EXPECT_EQ(clients, (std::vector<const Occupant*>{first_.get(), nullptr, second_.get()}));
}

TEST_F(GateTest, CountsWhoComesAndWhatTheyCarry) {
    first_->carried = {.received = 1, .sent = 10};
    second_->carried = {.received = 2, .sent = 20};
    EXPECT_EQ(gate_.traffic(), Traffic());
    gate_.admit(first_);
    gate_.admit(second_);
    EXPECT_EQ(gate_.clients_admitted(), 1U);
    first_->carried.sent = 30;
    EXPECT_EQ(gate_.traffic(), (Traffic{.received = 1, .sent = 30}));
    gate_.release(*first_);
    gate_.enter(second_);
    EXPECT_EQ(gate_.clients_admitted(), 2U);
    EXPECT_EQ(gate_.traffic(), (Traffic{.received = 3, .sent = 50}));
    gate_.count_refusal();
    EXPECT_EQ(gate_.clients_refused(), 1U);
}

TEST_F(GateTest, KnowsSinceWhenTheClientIsThere) {
    const auto before = Gate::Clock::now();
    gate_.admit(first_);
    EXPECT_GE(gate_.client_since(), before);
    EXPECT_LE(gate_.client_since(), Gate::Clock::now());
}

TEST_F(GateTest, KicksItsClientAndIsFreeAtOnce) {
    gate_.admit(first_);
    first_->closed_by_peer = true; // as a connection answers that was closed
    gate_.kick();
    EXPECT_EQ(first_->closings, 1);
    EXPECT_EQ(first_->departures, 1);
    EXPECT_EQ(gate_.client(), nullptr);
    gate_.kick();
    EXPECT_TRUE(gate_.admit(second_));
}

TEST_F(GateTest, AdmitsOneAtATime) {
    EXPECT_TRUE(gate_.admit(first_));
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_TRUE(gate_.release(*first_));
    EXPECT_TRUE(gate_.admit(second_));
}

TEST_F(GateTest, ReleasesOnlyItsClient) {
    EXPECT_FALSE(gate_.release(*first_));
    gate_.admit(first_);
    EXPECT_FALSE(gate_.release(*second_));
    EXPECT_TRUE(gate_.release(*first_));
    EXPECT_FALSE(gate_.release(*first_));
}

TEST_F(GateTest, KeepsItsClientAliveUntilItLeaves) {
    const std::weak_ptr<FakeOccupant> watched = first_;
    gate_.admit(std::exchange(first_, nullptr));
    ASSERT_FALSE(watched.expired());
    gate_.release(*watched.lock());
    EXPECT_TRUE(watched.expired());
}

TEST_F(GateTest, LetsOneGoFirstThatHasClosed) {
    gate_.admit(first_);
    first_->closed_by_peer = true;
    EXPECT_TRUE(gate_.admit(second_));
    EXPECT_EQ(first_->departures, 1);
    EXPECT_FALSE(gate_.release(*first_));
}

TEST_F(GateTest, LetsOneGoThatNobodyElseOwns) {
    first_->closed_by_peer = true;
    gate_.admit(std::exchange(first_, nullptr));
    EXPECT_TRUE(gate_.admit(second_));
}

TEST_F(GateTest, DoesNotDisturbOneThatHasNotClosed) {
    gate_.admit(first_);
    gate_.admit(second_);
    EXPECT_EQ(first_->departures, 0);
    EXPECT_EQ(first_->closings, 0);
}

TEST_F(GateTest, SaysWhyNobodyIsAdmitted) {
    gate_.admit(first_);
    EXPECT_EQ(gate_.refusal_reason(), "device busy (fake client connected)");
    gate_.release(*first_);
    gate_.close();
    EXPECT_EQ(gate_.refusal_reason(), "shutting down");
}

TEST_F(GateTest, AdmitsNobodyOnceClosed) {
    gate_.close();
    EXPECT_FALSE(gate_.admit(first_));
    EXPECT_FALSE(gate_.enter(first_));
}

TEST_F(GateTest, ClosesItsClientOnce) {
    gate_.admit(first_);
    gate_.close();
    EXPECT_EQ(first_->closings, 1);
    gate_.release(*first_);
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_EQ(second_->closings, 0);
}

TEST_F(GateTest, RefusesALimitedNumberAtOnce) {
    std::vector<std::shared_ptr<const void>> tickets;
    for (int ticket = 0; ticket < 64; ++ticket) {
        tickets.push_back(gate_.refusal_ticket());
        ASSERT_TRUE(tickets.back());
    }
    EXPECT_FALSE(gate_.refusal_ticket());
    tickets.pop_back();
    EXPECT_TRUE(gate_.refusal_ticket());
}

TEST_F(GateTest, RefusesAsManyAtOnceAsItIsTold) {
    const Gate narrow(1);
    auto ticket = narrow.refusal_ticket();
    EXPECT_TRUE(ticket);
    EXPECT_FALSE(narrow.refusal_ticket());
    ticket.reset();
    EXPECT_TRUE(narrow.refusal_ticket());

    const Gate wide(1000);
    std::vector<std::shared_ptr<const void>> tickets;
    while (auto next = wide.refusal_ticket()) {
        tickets.push_back(std::move(next));
    }
    EXPECT_EQ(tickets.size(), 1000U);
}

TEST_F(GateTest, NeedsNoDoorToEnter) {
    EXPECT_TRUE(gate_.enter(first_));
    EXPECT_FALSE(gate_.enter(second_));
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_TRUE(gate_.release(*first_));
    EXPECT_TRUE(gate_.enter(second_));
}

class GateWithDoorTest : public GateTest {
  protected:
    GateWithDoorTest() { gate_.guard(door_); }

    // When the door is about to be shut.
    void let_in(const std::shared_ptr<FakeOccupant>& someone) {
        door_.before_shut.emplace_back([this, someone] { EXPECT_TRUE(gate_.enter(someone)); });
    }

    FakeDoor door_;
};

TEST_F(GateWithDoorTest, IsShutWhileThereIsAClient) {
    EXPECT_TRUE(gate_.admit(first_));
    EXPECT_TRUE(door_.is_shut);
    gate_.release(*first_);
    EXPECT_FALSE(door_.is_shut);
    EXPECT_EQ(door_.attempts, 1);
    EXPECT_EQ(door_.reopenings, 1);
}

TEST_F(GateWithDoorTest, IsNotTouchedByWhoIsRefused) {
    gate_.admit(first_);
    gate_.admit(second_);
    gate_.release(*second_);
    EXPECT_TRUE(door_.is_shut);
    EXPECT_EQ(door_.attempts, 1);
}

TEST_F(GateWithDoorTest, StaysOpenForWhoCameInByIt) {
    EXPECT_TRUE(gate_.enter(first_));
    EXPECT_FALSE(gate_.admit(second_));
    gate_.release(*first_);
    EXPECT_EQ(door_.attempts, 0);
    EXPECT_EQ(door_.reopenings, 0);
}

TEST_F(GateWithDoorTest, LetsNobodyInWhileThereIsAClient) {
    gate_.admit(first_);
    EXPECT_FALSE(gate_.enter(second_));
    EXPECT_TRUE(door_.is_shut);
}

TEST_F(GateWithDoorTest, GoesToWhoCameInJustBefore) {
    let_in(first_);
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_FALSE(door_.is_shut);
    EXPECT_TRUE(gate_.release(*first_));
    EXPECT_EQ(door_.reopenings, 0);
}

TEST_F(GateWithDoorTest, IsTriedAgainIfWhoCameInIsGoneAlready) {
    first_->closed_by_peer = true;
    let_in(first_);
    EXPECT_TRUE(gate_.admit(second_));
    EXPECT_EQ(first_->departures, 1);
    EXPECT_TRUE(door_.is_shut);
    EXPECT_EQ(door_.attempts, 2);
    EXPECT_TRUE(gate_.release(*second_));
    EXPECT_FALSE(door_.is_shut);
}

TEST_F(GateWithDoorTest, GoesToOneOfManyWhoComeInAndGo) {
    const auto stays = occupant();
    first_->closed_by_peer = true;
    for (int time = 0; time < 3; ++time) {
        let_in(first_);
    }
    let_in(stays);
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_EQ(first_->departures, 3);
    EXPECT_TRUE(gate_.release(*stays));
}

TEST_F(GateWithDoorTest, StaysShutBetweenTwoClients) {
    gate_.admit(first_);
    first_->closed_by_peer = true;
    EXPECT_TRUE(gate_.admit(second_));
    EXPECT_TRUE(door_.is_shut);
    EXPECT_EQ(door_.attempts, 1);
    EXPECT_EQ(door_.reopenings, 0);
    gate_.release(*second_);
    EXPECT_FALSE(door_.is_shut);
}

TEST_F(GateWithDoorTest, IsOpenForWhoEntersAfterOneThatHasClosed) {
    gate_.admit(first_);
    first_->closed_by_peer = true;
    EXPECT_TRUE(gate_.enter(second_));
    EXPECT_FALSE(door_.is_shut);
    gate_.release(*second_);
    EXPECT_EQ(door_.reopenings, 1);
}

TEST_F(GateWithDoorTest, MayLetSomebodyInAsSoonAsItIsReopened) {
    gate_.admit(first_);
    door_.on_reopen = [this] { EXPECT_TRUE(gate_.enter(second_)); };
    EXPECT_TRUE(gate_.release(*first_));
    EXPECT_TRUE(gate_.release(*second_));
    EXPECT_EQ(door_.reopenings, 1);
}

// As above, with the next client at the gate meanwhile, when the gate has been closed.
TEST_F(GateWithDoorTest, IsReopenedWhenTheNextClientIsNotAdmitted) {
    gate_.admit(first_);
    first_->closed_by_peer = true;
    gate_.close();
    EXPECT_FALSE(gate_.admit(second_));
    EXPECT_EQ(first_->departures, 1);
    EXPECT_FALSE(door_.is_shut);
}

TEST_F(GateWithDoorTest, IsNotShutByAGateThatIsClosed) {
    gate_.close();
    EXPECT_FALSE(gate_.admit(first_));
    EXPECT_EQ(door_.attempts, 0);
}

} // namespace
} // namespace mpbridge::ports
