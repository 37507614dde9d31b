#include "tools/trace/session.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/tag_table.h"

namespace spoor::tools {
namespace {

// What is read whole: a pipe or a device may have no end.
constexpr size_t kLargestText = size_t{2} << 30;

}  // namespace

uint64_t Session::MemoryBudget() const {
  if (memory != 0) return memory;
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE)) / 4;
}

std::vector<const LedgerView*> OpenLedger::Pointers() const {
  std::vector<const LedgerView*> pointers;
  for (const auto& view : views) pointers.push_back(view.get());
  return pointers;
}

absl::StatusOr<OpenLedger> OpenForReading(const Session& session) {
  OpenLedger ledger;
  LedgerStore::Options options;
  options.memory = session.MemoryBudget();
  absl::StatusOr<std::unique_ptr<LedgerStore>> store =
      LedgerStore::OpenForReading(session.ledger, options);
  if (absl::IsNotFound(store.status())) {
    return absl::NotFoundError(absl::StrCat(
        store.status().message(), "; make one with trace ingest, or name another with --ledger"));
  }
  SPOOR_RETURN_IF_ERROR(store.status());
  ledger.store = *std::move(store);
  for (const ChainInfo& chain : ledger.store->chains()) {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LedgerView> view, ledger.store->View(chain.name));
    ledger.views.push_back(std::move(view));
  }
  ledger.tags = ledger.store->Table(kTagTable);
  return ledger;
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  std::string text;
  if (file != nullptr) {
    char buffer[1 << 14];
    for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
      text.append(buffer, n);
      if (text.size() > kLargestText) {
        return absl::DataLossError(
            absl::StrCat(path, " goes on after ", kLargestText, " bytes, wanted at most that"));
      }
    }
    if (std::ferror(file.get()) == 0) return text;
  }
  return absl::UnavailableError(absl::StrCat("reading ", path, ": ", std::strerror(errno)));
}

absl::Status Print(absl::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return absl::UnavailableError(
        absl::StrCat("writing to standard output: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

void Warn(absl::string_view text) {
  // Some of it may be another's words, and stderr a terminal.
  std::string shown(text);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  std::fprintf(stderr, "trace: warning: %s\n", shown.c_str());
}

}  // namespace spoor::tools
