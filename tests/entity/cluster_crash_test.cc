#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_ledger.h"

extern char** environ;

namespace spoor {
namespace {

// Runs cluster_writer until it has written so many batches; kills it then. Whether it had ended by
// itself.
bool WriteAndKill(const std::string& dir, uint64_t batches) {
  int out[2];
  if (pipe(out) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  char* const argv[] = {const_cast<char*>(SPOOR_CLUSTER_WRITER), const_cast<char*>(dir.c_str()),
                        nullptr};
  pid_t pid = 0;
  const int spawned = posix_spawn(&pid, SPOOR_CLUSTER_WRITER, &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (spawned != 0) {
    close(out[0]);
    ADD_FAILURE() << "cannot run " << SPOOR_CLUSTER_WRITER;
    return true;
  }
  FILE* in = fdopen(out[0], "r");
  char line[8];
  for (uint64_t i = 0; i < batches && std::fgets(line, sizeof line, in) != nullptr; ++i) {
  }
  kill(pid, SIGKILL);
  std::fclose(in);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "cluster_writer failed";
  return WIFEXITED(status);
}

// All rows but which of the two kinds of nodes they have.
std::map<std::string, std::string> RowsOf(const LedgerTable& table) {
  std::map<std::string, std::string> all;
  const absl::Status status =
      table.Scan("", "", [&](absl::string_view key, absl::string_view value) {
        std::string k(key);
        std::string v(value);
        if (k[0] == 'G' && k[2] == 'M') k[2] = 'N';
        if (k[0] == 'S') v[2] = '\0';
        all[k] = v;
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return all;
}

TEST(ClusterCrash, WhatIsThereAfterAKillIsWholeAndGoesOn) {
  constexpr uint64_t kSeed = 20240701;
  const std::string dir = ::testing::TempDir() + "/cluster_crash";
  std::filesystem::remove_all(dir);
  const RandomLedger ledger = MakeKilledLedger(kSeed);
  {
    const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
    ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
  }
  std::mt19937_64 rng(kSeed);
  MemoryLedger memory(ledger.chain);
  size_t appended = 0;
  int kills = 0;
  for (bool ended = false; !ended && kills < 200;) {
    SCOPED_TRACE(absl::StrCat("kill ", kills));
    // Later ones later: what is written at the end is begun anew each time.
    ended = WriteAndKill(dir, 1 + rng() % 3 + static_cast<uint64_t>(kills));
    kills += ended ? 0 : 1;
    const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto table = (*store)->Table(ClusterTableName(ledger.chain.name));
    const auto clusters = Clusters::Open(table.get());
    // Until it has come to its end, the rows tell of nothing.
    if (absl::IsNotFound(clusters.status())) continue;
    ASSERT_TRUE(clusters.ok()) << clusters.status();
    const size_t blocks = clusters->state().height - ledger.blocks[0].height + 1;
    ASSERT_GE(blocks, appended);
    for (; appended < blocks; ++appended) {
      ASSERT_TRUE(memory.Append(ledger.blocks[appended]).ok());
    }
    MemoryTable want;
    ASSERT_TRUE((*ClusterBuilder::Open(&want, ClusterOptions()))->Update(memory).ok());
    ASSERT_TRUE(RowsOf(*table) == RowsOf(want));
  }
  EXPECT_EQ(appended, ledger.blocks.size());
  EXPECT_GE(kills, 5);
}

}  // namespace
}  // namespace spoor
