// What ingesting block files costs, beside what it cannot cost less than:
//   ingest_bench [--worlds DIR] [--memory BYTES] [--commit ID] [TRANSACTIONS...]
// For a simulated ledger of so many transactions each, and for the real blocks in $SPOOR_REAL_DATA
// if it is set: reads and hashes the bytes and does nothing else; ingests them, as `trace ingest
// bitcoin --blocks` does with --memory; has RocksDB make a database with the ledger's own settings
// and load the rows that the ledger then has into it, already sorted and in memory, and close it.
// Each is a process of its own, so that its processor time and its memory are its own. Ledgers are
// made in DIR if they are not there yet, and kept; without it in the system's directory for
// temporary files, and removed. Prints JSON, from which bench/ingest_tables makes the tables of
// bench/ingest.md.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/ledger/database.h"
#include "lib/ledger/format_file.h"
#include "rocksdb/sst_file_writer.h"
#include "simdjson.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/digest.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/simulate/simulate.h"

extern char** environ;

namespace spoor {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Each step of a ledger of at most so many transactions is done so many times; the fastest counts.
constexpr uint64_t kSmall = 3'000'000;
constexpr int kRuns = 3;

double Since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// Of this process, all threads, user and system.
double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The most memory that was ever resident in this process, in bytes; Linux counts it.
uint64_t PeakResident() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

uint64_t BytesIn(const std::string& dir, absl::string_view prefix = "") {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && absl::string_view(name).substr(0, prefix.size()) == prefix) {
      bytes += entry.file_size();
    }
  }
  return bytes;
}

// What one process found, by name: seconds, bytes, numbers of things.
using Figures = std::map<std::string, double>;

// A chain to be measured.
struct World {
  std::string name;
  std::string blocks;
  const Network* network = nullptr;
  Figures truth;  // what the ledger must come to
};

Figures OfTime(Clock::time_point begun, double cpu) {
  return {{"seconds", Since(begun)}, {"cpu_seconds", CpuSeconds() - cpu}};
}

// --- The steps, each in a process of its own. ---

absl::StatusOr<Figures> ReadAndHash(const std::string& blocks, uint64_t piece) {
  const auto begun = Clock::now();
  const double cpu = CpuSeconds();
  std::string chars(size_t{1} << 20, '\0');
  std::vector<ByteSpan> pieces;
  std::vector<Digest256> digests;
  uint8_t all = 0;
  uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(blocks)) {
    if (entry.path().filename().string().substr(0, 3) != "blk") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    while (in.read(chars.data(), static_cast<std::streamsize>(chars.size())), in.gcount() > 0) {
      const absl::string_view got(chars.data(), static_cast<size_t>(in.gcount()));
      pieces.clear();
      for (size_t at = 0; at < got.size(); at += piece) {
        pieces.push_back(AsBytes(got.substr(at, piece)));
      }
      digests.resize(pieces.size());
      Sha256dOfEach(pieces, absl::MakeSpan(digests));
      for (const Digest256& digest : digests) all ^= digest[0];
      bytes += got.size();
    }
  }
  Figures figures = OfTime(begun, cpu);
  // The byte that all hashes give keeps them from being left out.
  if (bytes == 0) return absl::DataLossError(absl::StrCat("nothing was read, ", int{all}));
  figures["bytes"] = static_cast<double>(bytes);
  return figures;
}

absl::StatusOr<Figures> IngestWorld(const std::string& blocks, const Network& network,
                                    const std::string& ledger, uint64_t memory) {
  const auto begun = Clock::now();
  const double cpu = CpuSeconds();
  {
    // Shared out as `trace ingest` does it.
    LedgerStore::Options store_options;
    store_options.memory = LedgerStore::ShareForIngest(memory);
    IngestOptions options;
    options.memory = store_options.memory;
    SPOOR_ASSIGN_OR_RETURN(const auto directory, bitcoin::BlockDirectory::Open(blocks, network));
    SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan, ScanBlockFiles(directory.get(), options));
    SPOOR_ASSIGN_OR_RETURN(const auto store, LedgerStore::OpenForWriting(ledger, store_options));
    SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(network)));
    SPOOR_RETURN_IF_ERROR(
        IngestBlockFiles(directory.get(), scan, network, writer.get(), options).status());
  }
  Figures figures = OfTime(begun, cpu);
  figures["peak_resident"] = static_cast<double>(PeakResident());
  SPOOR_ASSIGN_OR_RETURN(const auto store,
                         LedgerStore::OpenForReading(ledger, LedgerStore::Options()));
  SPOOR_ASSIGN_OR_RETURN(const auto view, store->View(network.chain));
  const auto tip = view->tip();
  if (!tip.has_value()) return absl::DataLossError("the ledger is empty");
  const LedgerTotals& totals = tip->totals;
  for (const auto& [name, value] :
       {std::pair("blocks", totals.blocks), std::pair("transactions", totals.transactions),
        std::pair("inputs", totals.inputs), std::pair("outputs", totals.outputs),
        std::pair("addresses", totals.addresses), std::pair("unresolved", totals.unresolved_inputs),
        std::pair("disk", BytesIn(ledger))}) {
    figures[name] = static_cast<double>(value);
  }
  return figures;
}

// The rows of every table, as they are to be read from the ledger at `from`.
absl::StatusOr<Figures> LoadRows(const std::string& from, const std::string& to) {
  SPOOR_ASSIGN_OR_RETURN(
      const auto source,
      Database::Open(DatabasePath(from), Database::Mode::kRead, LedgerStore::Options().memory));
  Figures figures = {{"seconds", 0}, {"cpu_seconds", 0}};
  Clock::time_point begun;
  double cpu = 0;
  const auto start = [&] {
    begun = Clock::now();
    cpu = CpuSeconds();
  };
  const auto stop = [&] {
    for (const auto& [name, value] : OfTime(begun, cpu)) figures[name] += value;
  };
  start();
  SPOOR_ASSIGN_OR_RETURN(auto target,
                         Database::Open(to, Database::Mode::kMake, LedgerStore::Options().memory));
  stop();
  figures["opening.cpu_seconds"] = figures["cpu_seconds"];
  figures["opening.seconds"] = figures["seconds"];
  double cpu_before = figures["cpu_seconds"];
  for (auto get : {&Database::blocks, &Database::movements, &Database::txids, &Database::addresses,
                   &Database::address_ids, &Database::receipts, &Database::keys}) {
    rocksdb::ColumnFamilyHandle* const table = (*target.*get)();
    const std::string file = to + ".sst";
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> rows(
        source->db()->NewIterator(read, (*source.*get)()));
    rows->SeekToFirst();
    const std::string name = "table." + table->GetName();
    if (!rows->Valid()) {
      SPOOR_RETURN_IF_ERROR(ToStatus(rows->status(), from));
      figures[name] = figures[name + ".cpu_seconds"] = 0;
      continue;
    }
    start();
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), target->db()->GetOptions(table), table);
    SPOOR_RETURN_IF_ERROR(ToStatus(writer.Open(file), file));
    stop();
    std::vector<std::pair<std::string, std::string>> piece;
    while (rows->Valid()) {
      piece.clear();
      for (; rows->Valid() && piece.size() < 100'000; rows->Next()) {
        piece.emplace_back(rows->key().ToString(), rows->value().ToString());
      }
      start();
      for (const auto& [key, value] : piece) {
        SPOOR_RETURN_IF_ERROR(ToStatus(writer.Put(key, value), file));
      }
      stop();
    }
    SPOOR_RETURN_IF_ERROR(ToStatus(rows->status(), from));
    start();
    rocksdb::IngestExternalFileOptions take;
    take.move_files = true;
    SPOOR_RETURN_IF_ERROR(ToStatus(writer.Finish(), file));
    figures[name] = static_cast<double>(fs::file_size(file));
    SPOOR_RETURN_IF_ERROR(ToStatus(target->db()->IngestExternalFile(table, {file}, take), file));
    stop();
    fs::remove(file);
    figures[name + ".cpu_seconds"] = figures["cpu_seconds"] - cpu_before;
    cpu_before = figures["cpu_seconds"];
  }
  start();
  target.reset();
  stop();
  return figures;
}

absl::StatusOr<Figures> Step(const std::vector<std::string>& args) {
  uint64_t number = 0;
  if (args.size() == 3 && args[0] == "hash" && absl::SimpleAtoi(args[2], &number)) {
    return ReadAndHash(args[1], number);
  }
  if (args.size() == 5 && args[0] == "ingest" && absl::SimpleAtoi(args[4], &number)) {
    SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(args[2]));
    return IngestWorld(args[1], *network, args[3], number);
  }
  if (args.size() == 3 && args[0] == "load") return LoadRows(args[1], args[2]);
  return absl::InvalidArgumentError("no such step");
}

// --- Running them. ---

// Runs this program with `args`, which name a step, and reads what that prints: a name and a
// number to a line.
absl::StatusOr<Figures> RunStep(const std::vector<std::string>& args) {
  std::cerr << "  " << args[0] << "\n";
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "making a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<std::string> words = {"ingest_bench", "--step"};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int spawned = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (spawned != 0) return absl::ErrnoToStatus(spawned, "running a step");
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(out[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  close(out[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (status != 0) return absl::InternalError(absl::StrCat("the step ", args[0], " failed"));
  Figures figures;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> pair = absl::StrSplit(line, ' ');
    SPOOR_CHECK(pair.size() == 2 && absl::SimpleAtod(pair[1], &figures[pair[0]]));
  }
  return figures;
}

struct Row {
  World world;
  Figures hash;
  Figures ingest;
  Figures load;
};

absl::StatusOr<Row> Measure(const World& world, const std::string& scratch, uint64_t memory) {
  std::cerr << world.name << "\n";
  const std::string ledger = scratch + "/ledger";
  const std::string bulk = scratch + "/bulk";
  const double transactions = world.truth.at("transactions");
  const uint64_t bytes = BytesIn(world.blocks, "blk");
  const uint64_t piece = std::max<uint64_t>(1, bytes / static_cast<uint64_t>(transactions));
  Row row{.world = world, .hash = {}, .ingest = {}, .load = {}};
  const auto keep_faster = [](const Figures& figures, Figures* kept) {
    if (kept->empty() || figures.at("seconds") < kept->at("seconds")) *kept = figures;
  };
  for (int i = 0; i < (transactions <= kSmall ? kRuns : 1); ++i) {
    fs::remove_all(ledger);
    fs::remove_all(bulk);
    SPOOR_ASSIGN_OR_RETURN(const Figures hash,
                           RunStep({"hash", world.blocks, absl::StrCat(piece)}));
    SPOOR_ASSIGN_OR_RETURN(const Figures ingest,
                           RunStep({"ingest", world.blocks, std::string(world.network->name),
                                    ledger, absl::StrCat(memory)}));
    SPOOR_ASSIGN_OR_RETURN(const Figures load, RunStep({"load", ledger, bulk}));
    for (const auto& [name, want] : world.truth) {
      if (ingest.at(name) == want) continue;
      return absl::DataLossError(absl::StrFormat("%s: the ledger has %.0f %s, wanted %.0f",
                                                 world.name, ingest.at(name), name, want));
    }
    keep_faster(hash, &row.hash);
    keep_faster(ingest, &row.ingest);
    keep_faster(load, &row.load);
  }
  fs::remove_all(ledger);
  fs::remove_all(bulk);
  return row;
}

// In `dir`, made if it is not there yet.
absl::StatusOr<World> SimulatedWorld(uint64_t transactions, const std::string& dir) {
  World world{.name = "simulated",
              .blocks = dir + "/blocks",
              .network = &GetNetwork(NetworkId::kRegtest),
              .truth = {}};
  if (!fs::exists(dir + "/truth/summary.json")) {
    std::cerr << "making a ledger of " << transactions << " transactions\n";
    simulate::SimulationOptions options;
    options.transactions = transactions;
    SPOOR_RETURN_IF_ERROR(simulate::Simulate(options, dir, nullptr).status());
  }
  simdjson::dom::parser parser;
  simdjson::dom::element summary;
  const simdjson::error_code error = parser.load(dir + "/truth/summary.json").get(summary);
  if (error != simdjson::SUCCESS) {
    return absl::DataLossError(absl::StrCat(dir, ": ", simdjson::error_message(error)));
  }
  for (const char* name : {"blocks", "transactions", "inputs", "outputs"}) {
    uint64_t value = 0;
    if (summary[name].get(value) != simdjson::SUCCESS) {
      return absl::DataLossError(absl::StrCat(dir, ": no ", name, " in its summary"));
    }
    world.truth[name] = static_cast<double>(value);
  }
  world.truth["unresolved"] = 0;
  return world;
}

// A processor's name as Linux tells it.
std::string Processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> pair = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (pair.size() == 2 && absl::StartsWith(pair[0], "model name")) return pair[1];
  }
  return "unknown";
}

std::string ToJson(const Figures& figures) {
  return absl::StrCat("{",
                      absl::StrJoin(figures, ",",
                                    [](std::string* out, const auto& figure) {
                                      // Seconds have a fraction, all others have none.
                                      const bool seconds = absl::EndsWith(figure.first, "seconds");
                                      absl::StrAppendFormat(out, "\"%s\":%.*f", figure.first,
                                                            seconds ? 3 : 0, figure.second);
                                    }),
                      "}");
}

void PrintJson(const std::vector<Row>& rows, uint64_t memory, const std::string& command,
               const std::string& commit) {
  std::cout << absl::StrFormat(
      "{\"schema\":\"spoor.ingest_bench.v1\",\"command\":\"%s\",\"commit\":\"%s\","
      "\"compiler\":\"%s\",\n\"machine\":{\"processor\":\"%s\",\"processors\":%d,\"memory\":%d},"
      "\"memory\":%d,\"rows\":[",
      command, commit, __VERSION__, Processor(), std::thread::hardware_concurrency(),
      sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGE_SIZE), memory);
  for (size_t i = 0; i < rows.size(); ++i) {
    std::cout << (i > 0 ? ",\n" : "\n") << "{\"chain\":\"" << rows[i].world.name
              << "\",\"read_and_hash\":" << ToJson(rows[i].hash)
              << ",\n\"bulk_load\":" << ToJson(rows[i].load)
              << ",\n\"ingest\":" << ToJson(rows[i].ingest) << "}";
  }
  std::cout << "]}\n";
}

absl::Status Run(const std::vector<uint64_t>& sizes, std::string worlds, uint64_t memory,
                 const std::string& command, const std::string& commit) {
  std::string scratch = (fs::temp_directory_path() / "spoor_bench_XXXXXX").string();
  if (!worlds.empty()) {
    fs::create_directories(worlds);
    scratch = worlds + "/scratch_XXXXXX";
  }
  if (mkdtemp(scratch.data()) == nullptr) return absl::ErrnoToStatus(errno, scratch);
  std::vector<Row> rows;
  const auto measure = [&]() -> absl::Status {
    if (const char* real = std::getenv("SPOOR_REAL_DATA"); real != nullptr) {
      const World world{
          .name = "mainnet 0-4312",
          .blocks = absl::StrCat(real, "/bitcoin/mainnet-0-4312/blocks"),
          .network = &GetNetwork(NetworkId::kMain),
          .truth = {{"blocks", 4313}, {"transactions", 4371}, {"inputs", 247}, {"unresolved", 0}}};
      SPOOR_ASSIGN_OR_RETURN(Row row, Measure(world, scratch, memory));
      rows.push_back(std::move(row));
    }
    for (const uint64_t size : sizes) {
      const std::string dir = absl::StrCat(worlds.empty() ? scratch : worlds, "/", size);
      SPOOR_ASSIGN_OR_RETURN(const World world, SimulatedWorld(size, dir));
      SPOOR_ASSIGN_OR_RETURN(Row row, Measure(world, scratch, memory));
      rows.push_back(std::move(row));
      if (worlds.empty()) fs::remove_all(dir);
    }
    return absl::OkStatus();
  };
  const absl::Status status = measure();
  fs::remove_all(scratch);
  SPOOR_RETURN_IF_ERROR(status);
  PrintJson(rows, memory, command, commit);
  return absl::OkStatus();
}

absl::Status Main(const std::vector<std::string>& args) {
  if (!args.empty() && args[0] == "--step") {
    SPOOR_ASSIGN_OR_RETURN(const Figures figures,
                           Step(std::vector<std::string>(args.begin() + 1, args.end())));
    for (const auto& [name, value] : figures) {
      std::cout << name << absl::StrFormat(" %.6f\n", value);
    }
    return absl::OkStatus();
  }
  std::string worlds;
  std::string commit;
  uint64_t memory = 1 << 30;
  std::vector<uint64_t> sizes;
  for (size_t i = 0; i < args.size(); ++i) {
    uint64_t size = 0;
    const bool more = i + 1 < args.size();
    if (args[i] == "--worlds" && more) {
      worlds = args[++i];
    } else if (args[i] == "--commit" && more) {
      commit = args[++i];
    } else if (args[i] == "--memory" && more && absl::SimpleAtoi(args[i + 1], &memory)) {
      ++i;
    } else if (absl::SimpleAtoi(args[i], &size) && size > 0) {
      sizes.push_back(size);
    } else {
      return absl::InvalidArgumentError(
          "usage: ingest_bench [--worlds DIR] [--memory BYTES] [--commit ID] [TRANSACTIONS...]");
    }
  }
  if (sizes.empty()) sizes = {20'000};
  return Run(sizes, worlds, memory, absl::StrCat("ingest_bench ", absl::StrJoin(args, " ")),
             commit);
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  const absl::Status status = spoor::Main(std::vector<std::string>(argv + 1, argv + argc));
  if (status.ok()) return 0;
  std::cerr << "ingest_bench: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;
}
