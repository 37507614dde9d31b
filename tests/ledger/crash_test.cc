#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/kills.h"
#include "tests/support/random_account_ledger.h"
#include "tests/support/random_ledger.h"

extern char** environ;

namespace spoor {
namespace {

// Runs append_blocks until it has said `lines` lines, and for `microseconds` more; kills it then.
// What it said last.
uint64_t AppendAndKill(const std::string& dir, uint64_t seed, const std::string& how,
                       uint64_t lines, uint64_t microseconds) {
  int out[2];
  if (pipe(out) != 0) return 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  const std::string seed_text = absl::StrCat(seed);
  char* const argv[] = {const_cast<char*>(SPOOR_APPEND_BLOCKS), const_cast<char*>(dir.c_str()),
                        const_cast<char*>(seed_text.c_str()), const_cast<char*>(how.c_str()),
                        nullptr};
  pid_t pid = 0;
  const int spawned = posix_spawn(&pid, SPOOR_APPEND_BLOCKS, &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (spawned != 0) {
    close(out[0]);
    ADD_FAILURE() << "cannot run " << SPOOR_APPEND_BLOCKS;
    return 0;
  }
  FILE* in = fdopen(out[0], "r");
  char line[32];
  uint64_t said = 0;
  const auto read_line = [&] {
    if (std::fgets(line, sizeof line, in) == nullptr) return false;
    said = std::strtoull(line, nullptr, 10);
    return true;
  };
  for (uint64_t i = 0; i < lines && read_line(); ++i) {
  }
  usleep(static_cast<useconds_t>(microseconds));
  kill(pid, SIGKILL);
  while (read_line()) {  // what it had still said before it died
  }
  std::fclose(in);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "append_blocks failed";
  return said;
}

// How many blocks are in the store, which must be sound and say just what memory does.
uint64_t ExpectSound(const std::string& dir, const RandomLedger& ledger, MemoryLedger* memory) {
  const auto report = CheckStore(dir, {.memory = 4 << 20});
  if (absl::IsNotFound(report.status())) return 0;  // killed before it was made
  EXPECT_TRUE(report.ok()) << report.status();
  if (!report.ok()) return 0;
  for (const CheckFinding& f : report->findings) {
    ADD_FAILURE() << f.table << ", " << f.place << ": found " << f.found << "; wanted " << f.wanted;
  }
  const auto store = LedgerStore::OpenForReading(dir, {.memory = 4 << 20});
  EXPECT_TRUE(store.ok()) << store.status();
  if (!store.ok() || (*store)->chains().empty()) return 0;
  const auto view = (*store)->View(ledger.chain.name);
  EXPECT_TRUE(view.ok()) << view.status();
  if (!view.ok()) return 0;
  const uint64_t blocks = (*view)->tip().has_value() ? (*view)->tip()->totals.blocks : 0;
  const auto have = [&] { return memory->tip().has_value() ? memory->tip()->totals.blocks : 0; };
  while (have() > blocks) EXPECT_TRUE(memory->UndoTip().ok());
  while (have() < blocks) EXPECT_TRUE(memory->Append(ledger.blocks[have()]).ok());
  const auto dump = DumpLedger(**view);
  EXPECT_TRUE(dump.ok()) << dump.status();
  EXPECT_TRUE(dump.ok() && *dump == *DumpLedger(*memory)) << "after " << blocks << " blocks";
  return blocks;
}

// Kills a writer as often as Kills(`moderate`) says, wherever it is, then lets it finish.
void KillAndFinish(const std::string& how, int moderate) {
  constexpr uint64_t kSeed = 20240615;
  const std::string dir = ::testing::TempDir() + "/crash." + how;
  std::filesystem::remove_all(dir);
  std::mt19937_64 rng(kSeed);
  const RandomLedger ledger =
      absl::StartsWith(how, "accounts-") ? MakeKilledAccountLedger(kSeed) : MakeKilledLedger(kSeed);
  MemoryLedger memory(ledger.chain);
  uint64_t most = 0;
  for (int i = 0; i < Kills(moderate) && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat(how, ", kill ", i));
    const uint64_t said = AppendAndKill(dir, kSeed, how, rng() % 10, rng() % 2000);
    const uint64_t blocks = ExpectSound(dir, ledger, &memory);
    EXPECT_GE(blocks, said);
    most = std::max(most, blocks);
    if (blocks == ledger.blocks.size()) std::filesystem::remove_all(dir);
  }
  EXPECT_GT(most, 20u);
  // As many lines as it will ever say.
  AppendAndKill(dir, kSeed, how, ~uint64_t{0}, 0);
  EXPECT_EQ(ExpectSound(dir, ledger, &memory), ledger.blocks.size());
}

// A hundred kills in all; SPOOR_KILLS=100 for as many in each.
TEST(Crash, KilledInABulkLoad) { KillAndFinish("load", 30); }
TEST(Crash, KilledAtTheTip) { KillAndFinish("tip", 25); }
TEST(Crash, KilledWhileUndoing) { KillAndFinish("undo", 35); }
TEST(Crash, KilledInAllTheseByTurns) { KillAndFinish("mixed", 10); }

TEST(AccountCrash, KilledInABulkLoad) { KillAndFinish("accounts-load", 10); }
TEST(AccountCrash, KilledAtTheTip) { KillAndFinish("accounts-tip", 10); }
TEST(AccountCrash, KilledWhileUndoing) { KillAndFinish("accounts-undo", 10); }
TEST(AccountCrash, KilledInAllTheseByTurns) { KillAndFinish("accounts-mixed", 6); }

}  // namespace
}  // namespace spoor
