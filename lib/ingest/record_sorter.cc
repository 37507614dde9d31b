#include "lib/ingest/record_sorter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <queue>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kLeastMemory = 1 << 20;

absl::Status FileError(absl::string_view doing) {
  return absl::UnavailableError(
      absl::StrCat(doing, " a temporary file: ", std::strerror(errno),
                   "; its file system must have room for as much as is read"));
}

}  // namespace

// A sorted part, in a file.
struct RecordSorter::Run {
  FILE* file = nullptr;
  Key key;
  std::string record;

  ~Run() {
    if (file != nullptr) std::fclose(file);
  }

  // False at the end.
  absl::StatusOr<bool> Next() {
    uint64_t head[3];
    const size_t n = std::fread(head, sizeof(uint64_t), 3, file);
    if (n == 0 && std::feof(file) != 0) return false;
    if (n != 3) return FileError("reading");
    key = {head[0], head[1]};
    record.resize(head[2]);
    if (std::fread(record.data(), 1, record.size(), file) != record.size()) {
      return FileError("reading");
    }
    return true;
  }
};

RecordSorter::RecordSorter(uint64_t memory) : memory_(std::max(memory, kLeastMemory)) {}
RecordSorter::~RecordSorter() = default;

void RecordSorter::SortEntries() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.offset < b.offset;
  });
}

absl::Status RecordSorter::Spill() {
  SortEntries();
  auto run = std::make_unique<Run>();
  run->file = std::tmpfile();
  if (run->file == nullptr) return FileError("making");
  for (const Entry& entry : entries_) {
    const uint64_t head[3] = {entry.key.major, entry.key.minor, entry.size};
    if (std::fwrite(head, sizeof(uint64_t), 3, run->file) != 3 ||
        std::fwrite(arena_.data() + entry.offset, 1, entry.size, run->file) != entry.size) {
      return FileError("writing");
    }
  }
  if (std::fflush(run->file) != 0) return FileError("writing");
  std::rewind(run->file);
  runs_.push_back(std::move(run));
  arena_.clear();
  entries_.clear();
  return absl::OkStatus();
}

absl::Status RecordSorter::Add(Key key, absl::string_view record) {
  // A vector that grows is there twice.
  if (arena_.size() + 2 * entries_.size() * sizeof(Entry) + record.size() > memory_ / 2 &&
      !entries_.empty()) {
    SPOOR_RETURN_IF_ERROR(Spill());
  }
  entries_.push_back({key, arena_.size(), static_cast<uint32_t>(record.size())});
  arena_.append(record.data(), record.size());
  ++records_;
  return absl::OkStatus();
}

absl::Status RecordSorter::Visit(
    absl::FunctionRef<absl::Status(const Key&, absl::string_view record)> visit) {
  if (runs_.empty()) {
    SortEntries();
    for (const Entry& entry : entries_) {
      SPOOR_RETURN_IF_ERROR(
          visit(entry.key, absl::string_view(arena_).substr(entry.offset, entry.size)));
    }
    return absl::OkStatus();
  }
  SPOOR_RETURN_IF_ERROR(Spill());
  arena_.shrink_to_fit();
  // By key, then by run: runs are in the order in which records came.
  const auto later = [this](size_t a, size_t b) {
    return runs_[a]->key != runs_[b]->key ? runs_[b]->key < runs_[a]->key : b < a;
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> next(later);
  for (size_t i = 0; i < runs_.size(); ++i) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, runs_[i]->Next());
    if (more) next.push(i);
  }
  while (!next.empty()) {
    const size_t i = next.top();
    next.pop();
    SPOOR_RETURN_IF_ERROR(visit(runs_[i]->key, runs_[i]->record));
    SPOOR_ASSIGN_OR_RETURN(const bool more, runs_[i]->Next());
    if (more) next.push(i);
  }
  return absl::OkStatus();
}

}  // namespace spoor
