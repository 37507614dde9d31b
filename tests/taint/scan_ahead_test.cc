#include "lib/taint/scan_ahead.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/seed.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

// Of this thread and no other: the system's own names are used again.
int ThreadNumber() {
  static std::atomic<int> last = 0;
  thread_local const int number = ++last;
  return number;
}

// Knows who scans it, and how far. Fails at one of its movements if it is told to.
class WatchedLedger : public MemoryLedger {
 public:
  using MemoryLedger::MemoryLedger;

  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    ++scans_;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++scans_of_[ThreadNumber()];
    }
    return MemoryLedger::ScanMovements(from, [&](const Movement& movement) {
      if (movement.position.number == fails_at) return absl::DataLossError("it is torn");
      if (movement.position.number == throws_at) throw std::bad_alloc();
      ++scanned_;
      return visit(movement);
    });
  }
  int scans() const { return scans_; }
  uint64_t scanned() const { return scanned_; }
  // By thread, since it was asked last.
  std::map<int, int> TakeScansOf() { return std::exchange(scans_of_, {}); }

  uint64_t fails_at = kNever;
  uint64_t throws_at = kNever;

 private:
  mutable std::atomic<int> scans_ = 0;
  mutable std::atomic<uint64_t> scanned_ = 0;
  mutable std::mutex mutex_;
  mutable std::map<int, int> scans_of_;
};

class ScanAheadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RandomLedgerOptions options;
    options.blocks = 1'400;
    options.most_transactions = 40;
    options.most_minted = 5'000'000'000;
    const RandomLedger made = MakeRandomLedger(/*seed=*/20261201, options);
    ledger_.emplace(made.chain);
    ASSERT_TRUE(AppendAll(made.blocks, &*ledger_).ok());
    end_ = ledger_->tip()->totals.movements;
    ASSERT_GT(end_, 25'000u);
  }
  // That it is shown what stands in [from, to), and nothing else.
  void ExpectShown(uint64_t from, uint64_t to, ScanAhead* scan) {
    uint64_t next = from;
    std::vector<Movement> want;
    const absl::Status status =
        scan->ScanMovements(Position{from}, [&](const Movement& movement) -> absl::Status {
          EXPECT_TRUE(ledger_->ReadMovements({Position{next}}, &want).ok());
          EXPECT_EQ(DumpMovement(movement), DumpMovement(want[0]));
          return ++next == to ? absl::CancelledError("enough") : absl::OkStatus();
        });
    EXPECT_EQ(status, to <= end_ ? absl::CancelledError("enough") : absl::OkStatus());
    EXPECT_EQ(next, std::min(to, end_));
  }

  // Adds how many it is shown from `from` on.
  static absl::Status Count(uint64_t from, uint64_t* shown, ScanAhead* scan) {
    return scan->ScanMovements(Position{from}, [&](const Movement&) {
      ++*shown;
      return absl::OkStatus();
    });
  }

  std::optional<WatchedLedger> ledger_;
  uint64_t end_ = 0;
};

TEST_F(ScanAheadTest, ShowsWhatTheViewWouldShow) {
  ScanAhead scan(*ledger_);
  ExpectShown(0, 1, &scan);
  ExpectShown(1, 5'000, &scan);
  ExpectShown(5'000, 5'001, &scan);
  ExpectShown(5'600, 9'000, &scan);
  EXPECT_EQ(ledger_->scans(), 1);
  // Far ahead, and back.
  ExpectShown(12'000, 12'001, &scan);
  EXPECT_EQ(ledger_->scans(), 2);
  ExpectShown(11'999, 12'002, &scan);
  EXPECT_EQ(ledger_->scans(), 3);
  ExpectShown(100, end_ + 1, &scan);
  EXPECT_EQ(ledger_->scans(), 4);
  ExpectShown(end_ - 1, end_ + 1, &scan);
  std::mt19937_64 rng(3);
  uint64_t from = 0;
  for (int i = 0; i < 60; ++i) {
    const uint64_t to = from + 1 + rng() % 900;
    ExpectShown(from, to, &scan);
    from = rng() % 8 == 0 ? rng() % end_ : std::min(to + rng() % 3 * (rng() % 1'500), end_ - 1);
  }
  EXPECT_FALSE(ledger_->TakeScansOf().contains(ThreadNumber()));
}

TEST_F(ScanAheadTest, FailsWhereTheViewDoes) {
  ledger_->fails_at = 4'321;
  ScanAhead scan(*ledger_);
  // It is read long before, and matters to nobody yet.
  ExpectShown(0, 4'000, &scan);
  uint64_t shown = 4'000;
  EXPECT_EQ(Count(4'000, &shown, &scan), absl::DataLossError("it is torn"));
  EXPECT_EQ(shown, 4'321u);
  EXPECT_EQ(Count(4'321, &shown, &scan), absl::DataLossError("it is torn"));
  EXPECT_EQ(shown, 4'321u);
  ExpectShown(4'322, 5'000, &scan);
}

TEST_F(ScanAheadTest, ThrowsWhatTheViewThrows) {
  ledger_->throws_at = 4'321;
  ScanAhead scan(*ledger_);
  ExpectShown(0, 4'000, &scan);
  uint64_t shown = 4'000;
  for (const uint64_t from : {4'000, 4'321}) {
    EXPECT_THROW(Count(from, &shown, &scan).IgnoreError(), std::bad_alloc);
    EXPECT_EQ(shown, 4'321u);
  }
  ExpectShown(4'322, 5'000, &scan);
  // What `visit` throws is the caller's own affair.
  EXPECT_THROW(scan.ScanMovements(Position{5'000},
                                  [](const Movement&) -> absl::Status { throw std::bad_alloc(); })
                   .IgnoreError(),
               std::bad_alloc);
  ExpectShown(5'001, 6'000, &scan);
}

TEST_F(ScanAheadTest, ReadsNoFurtherThanALittleAhead) {
  ScanAhead scan(*ledger_);
  ExpectShown(0, 100, &scan);
  // Till it comes to rest.
  uint64_t before = 0;
  uint64_t scanned = 0;
  do {
    before = scanned;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    scanned = ledger_->scanned();
  } while (scanned != before || scanned == 100);
  EXPECT_LE(scanned, 100u + 4'000);
  ExpectShown(100, end_ + 1, &scan);
  EXPECT_EQ(ledger_->scanned(), end_);
}

TEST_F(ScanAheadTest, IsForThreadsThatNoPolicyTakes) {
  const LedgerView* const views[] = {&*ledger_};
  std::vector<Movement> movements;
  std::vector<SeedRequest> requests;
  for (uint64_t i = 0; i < end_; i += 50) {
    ASSERT_TRUE(ledger_->ReadMovements({Position{i}}, &movements).ok());
    if (movements[0].coinbase) continue;
    requests.push_back({"all", ToText(movements[0].txid), std::nullopt});
  }
  const auto seeds = FindSeeds(views, requests);
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  FollowOptions options;
  options.reading = ReadRule::kScan;
  const auto follow = [&](std::vector<std::string> policies, size_t threads) {
    options.policies = std::move(policies);
    options.threads = threads;
    ledger_->TakeScansOf();
    return Follow(views, *seeds, options);
  };
  // Of each window one scan, if it is scanned here.
  const auto here = follow({"fifo"}, 1);
  ASSERT_TRUE(here.ok()) << here.status();
  const int windows = static_cast<int>(end_ / 8'192) + 1;
  ASSERT_GE(windows, 4);
  const int caller = ThreadNumber();
  EXPECT_EQ(ledger_->TakeScansOf(), (std::map<int, int>{{caller, windows}}));
  // But for the last one all by one scan of another thread.
  const auto ahead = follow({"fifo"}, 2);
  ASSERT_TRUE(ahead.ok()) << ahead.status();
  std::map<int, int> scans = ledger_->TakeScansOf();
  EXPECT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[caller], 1);
  scans.erase(caller);
  EXPECT_EQ(scans.begin()->second, 1);
  EXPECT_GT(here->policies[0].endpoints.size(), 1'000u);
  EXPECT_TRUE(std::equal(here->policies[0].endpoints.begin(), here->policies[0].endpoints.end(),
                         ahead->policies[0].endpoints.begin(), ahead->policies[0].endpoints.end(),
                         [](const Endpoint& a, const Endpoint& b) {
                           return a.position == b.position && a.output == b.output &&
                                  a.tainted == b.tainted;
                         }));
  // Each policy has a thread of its own first.
  for (const size_t threads : {2, 3, 4}) {
    EXPECT_TRUE(follow({"fifo", "lifo"}, threads).ok());
    EXPECT_EQ(ledger_->TakeScansOf().size(), threads);
  }
  // What stops another thread stops the trace.
  ledger_->fails_at = 9'000;
  EXPECT_EQ(follow({"fifo"}, 2).status(), absl::DataLossError("it is torn"));
  EXPECT_EQ(follow({"fifo", "lifo"}, 4).status(), absl::DataLossError("it is torn"));
  ledger_->fails_at = kNever;
  ledger_->throws_at = 9'000;
  EXPECT_THROW(follow({"fifo"}, 2).IgnoreError(), std::bad_alloc);
  EXPECT_THROW(follow({"fifo", "lifo"}, 4).IgnoreError(), std::bad_alloc);
}

}  // namespace
}  // namespace spoor
