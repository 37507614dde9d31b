#ifndef SPOOR_TOOLS_TRACE_SESSION_H_
#define SPOOR_TOOLS_TRACE_SESSION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/store.h"

namespace spoor::tools {

// What every command is given: the options that stand before or after any of them.
struct Session {
  std::string ledger = "./ledger";
  bool json = false;
  bool quiet = false;
  uint64_t memory = 0;  // bytes; 0: a quarter of the machine's

  uint64_t MemoryBudget() const;
};

// For options that count: decimal digits and nothing else, where the parser would take signs,
// spaces and octal.
inline const CLI::Validator kDecimal(
    [](const std::string& text) {
      return text.find_first_not_of("0123456789") == std::string::npos && text.size() < 20 &&
                     (text.size() == 1 || text[0] != '0')
                 ? std::string()
                 : "found \"" + text + "\", wanted a whole number";
    },
    "");

// A command adds itself to the command line and, if it is the one chosen, sets `*run`.
using Run = std::function<absl::Status()>;
void AddCheck(CLI::App* app, const Session* session, Run* run);
void AddCluster(CLI::App* app, const Session* session, Run* run);
void AddEstimate(CLI::App* app, const Session* session, Run* run);
void AddFollow(CLI::App* app, const Session* session, Run* run);  // and `back`
void AddIngest(CLI::App* app, const Session* session, Run* run);
void AddPrices(CLI::App* app, const Session* session, Run* run);
void AddReport(CLI::App* app, const Session* session, Run* run);
void AddShow(CLI::App* app, const Session* session, Run* run);
void AddSimulate(CLI::App* app, const Session* session, Run* run);
void AddTags(CLI::App* app, const Session* session, Run* run);
void AddWhy(CLI::App* app, const Session* session, Run* run);

// A ledger open for reading, with a view of each of its chains.
struct OpenLedger {
  std::unique_ptr<LedgerStore> store;
  std::vector<std::unique_ptr<LedgerView>> views;
  std::unique_ptr<LedgerTable> tags;

  std::vector<const LedgerView*> Pointers() const;
};
absl::StatusOr<OpenLedger> OpenForReading(const Session& session);

// The whole file; UNAVAILABLE, naming it, if it cannot be read.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);
// Writes to standard output; UNAVAILABLE if it cannot all be written.
absl::Status Print(absl::string_view text);
// One line on standard error.
void Warn(absl::string_view text);

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_SESSION_H_
