#include "tools/trace/session.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::tools {

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
  return ledger;
}

absl::Status Print(absl::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return absl::UnavailableError(
        absl::StrCat("writing to standard output: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

void Warn(absl::string_view text) {
  std::fprintf(stderr, "trace: warning: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace spoor::tools
