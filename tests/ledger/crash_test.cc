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

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

extern char** environ;

namespace spoor {
namespace {

// Runs append_blocks until it has said `lines` lines or ended; kills it then. What it said last.
uint64_t AppendAndKill(const std::string& dir, uint64_t seed, uint64_t lines) {
  int out[2];
  if (pipe(out) != 0) return 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  const std::string seed_text = absl::StrCat(seed);
  char* const argv[] = {const_cast<char*>(SPOOR_APPEND_BLOCKS), const_cast<char*>(dir.c_str()),
                        const_cast<char*>(seed_text.c_str()), nullptr};
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
  kill(pid, SIGKILL);
  while (read_line()) {  // what it had still said before it died
  }
  std::fclose(in);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "append_blocks failed";
  return said;
}

TEST(Crash, EveryAcknowledgedBlockIsWholeAndNoOtherIsHalf) {
  constexpr uint64_t kSeed = 20240615;
  constexpr int kKills = 30;
  const std::string dir = ::testing::TempDir() + "/crash";
  std::filesystem::remove_all(dir);
  std::mt19937_64 rng(kSeed);
  const RandomLedger ledger = MakeKilledLedger(kSeed);
  MemoryLedger memory(ledger.chain);
  for (int i = 0; i < kKills; ++i) {
    SCOPED_TRACE(absl::StrCat("kill ", i));
    const uint64_t said = AppendAndKill(dir, kSeed, 1 + rng() % 20);
    const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto view = (*store)->View(ledger.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    const uint64_t blocks = (*view)->tip().has_value() ? (*view)->tip()->totals.blocks : 0;
    ASSERT_GE(blocks, said);
    ASSERT_LE(blocks, ledger.blocks.size());
    for (uint64_t have = memory.tip().has_value() ? memory.tip()->totals.blocks : 0; have < blocks;
         ++have) {
      ASSERT_TRUE(memory.Append(ledger.blocks[have]).ok());
    }
    const auto dump = DumpLedger(**view);
    ASSERT_TRUE(dump.ok()) << dump.status();
    ASSERT_TRUE(*dump == *DumpLedger(memory)) << "after " << blocks << " blocks";
    if (blocks == ledger.blocks.size()) break;
  }
  ASSERT_TRUE(memory.tip().has_value());
  EXPECT_GT(memory.tip()->totals.blocks, 100u);
}

}  // namespace
}  // namespace spoor
