// trace: the command line of libspoor. docs/trace.md says what programs may rely on.

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadRequest = 2;

// Leaves users and passwords out of the URLs in `*line`: a misplaced one is echoed like any
// argument.
void HidePasswords(std::string* line) {
  for (size_t at = 0; (at = line->find("://", at)) != std::string::npos;) {
    at += 3;
    const size_t end = line->find_first_of("/ \"", at);
    const size_t sign = line->rfind('@', end);
    if (sign != std::string::npos && sign >= at) line->replace(at, sign - at, "...");
  }
}

// One line, of bearable length, without anything that would command a terminal.
int Fail(int code, absl::string_view message) {
  constexpr size_t kMost = 1000;
  std::string line(message.substr(0, kMost));
  HidePasswords(&line);
  for (char& c : line) c = c == '\n' ? ' ' : absl::ascii_iscntrl(static_cast<uint8_t>(c)) ? '?' : c;
  std::fprintf(stderr, "trace: %s%s\n", line.c_str(), message.size() > kMost ? "..." : "");
  return code;
}

int PrintOrFail(absl::string_view text) {
  const absl::Status status = Print(text);
  return status.ok() ? kDone : Fail(kFailed, status.message());
}

// With less, RocksDB's own buffers alone would pass it.
constexpr uint64_t kLeastMemory = 16 << 20;
const CLI::Validator kEnoughMemory(
    [](const std::string& bytes) {
      uint64_t memory = 0;
      return absl::SimpleAtoi(bytes, &memory) && memory >= kLeastMemory
                 ? std::string()
                 : absl::StrCat("found ", bytes, " bytes, wanted ", kLeastMemory >> 20,
                                "M at least");
    },
    "");

// A standard stream that is closed would give its descriptor to the next file that is opened, and
// what is meant for people would be written into the ledger.
void OpenStandardStreams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0) std::abort();
  }
}

// `trace ADDRESS...` is `trace follow ADDRESS...`: puts the word in front where the first argument
// that is not an option is no command. That argument, or empty.
std::string InsertFollow(const CLI::App& app, std::vector<std::string>* args) {
  const std::vector<const CLI::App*> commands = app.get_subcommands(nullptr);
  for (size_t i = 0; i < args->size(); ++i) {
    const std::string& arg = (*args)[i];
    if (arg == "--ledger" || arg == "--memory") {
      ++i;  // its value
      continue;
    }
    if (!arg.empty() && arg[0] == '-') continue;
    if (std::any_of(commands.begin(), commands.end(),
                    [&](const CLI::App* command) { return command->check_name(arg); })) {
      return "";
    }
    std::string seed = arg;
    args->insert(args->begin(), "follow");
    return seed;
  }
  return "";
}

// What else to say of an error, if `seed` may be a command's misspelt name.
std::string CommandHint(const std::string& seed) {
  const bool word = std::all_of(seed.begin(), seed.end(),
                                [](char c) { return absl::ascii_islower(c) || c == '-'; });
  if (seed.empty() || !word) return "";
  return absl::StrCat("; ", seed, " was taken for a seed, being no command");
}

// A ledger keeps all its tables open, hundreds of them for a whole chain.
void AllowManyOpenFiles() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Main(int argc, char** argv) {
  OpenStandardStreams();
  AllowManyOpenFiles();
  Session session;
  Run run;
  CLI::App app("Follow stolen cryptocurrency: where did it go, how sure are we?", "trace");
  app.footer(
      "trace ADDRESS... is trace follow ADDRESS...\n"
      "trace COMMAND --help explains a command.\n\n"
      "From nothing to a report:\n"
      "  trace ingest bitcoin --blocks ~/.bitcoin/blocks          a ledger, from a node's files\n"
      "  trace tags exchanges.yaml sdn.xml                        who is known on it\n"
      "  trace cluster                                            whose addresses are one party's\n"
      "  trace follow hack=TXID:0 --policy all --bounds --json > result.json\n"
      "  trace estimate result.json --json > estimate.json        what of it could be used\n"
      "  trace report result.json --estimate estimate.json --html report.html\n\n"
      "Exit status: 0 done; 1 it could not be done; 2 the request is wrong.");
  app.set_version_flag("--version", "trace " SPOOR_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_option("--ledger", session.ledger, "Directory of the ledger")
      ->envname("SPOOR_LEDGER")
      ->capture_default_str()
      ->type_name("DIR");
  app.add_flag("--json", session.json, "Print one JSON document");
  app.add_flag("--quiet", session.quiet, "No progress");
  app.add_option("--memory", session.memory,
                 "Memory to use, as in 2G; by default a quarter of the machine's")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check(kEnoughMemory)
      ->type_name("SIZE");
  AddIngest(&app, &session, &run);
  AddFollow(&app, &session, &run);
  AddReport(&app, &session, &run);
  AddShow(&app, &session, &run);
  AddCluster(&app, &session, &run);
  AddWhy(&app, &session, &run);
  AddCheck(&app, &session, &run);
  AddSimulate(&app, &session, &run);
  AddTags(&app, &session, &run);
  AddPrices(&app, &session, &run);
  AddEstimate(&app, &session, &run);

  std::vector<std::string> args(argv + 1, argv + argc);
  for (const std::string& arg : args) {
    // An unset variable of the user's shell, as a rule: not to be taken for "no limit".
    if (arg.empty() || (arg.size() > 2 && arg.substr(0, 2) == "--" && arg.back() == '=')) {
      return Fail(kBadRequest, absl::StrCat("found an empty argument", arg.empty() ? "" : " ", arg,
                                            ", wanted a value"));
    }
  }
  const std::string seed = InsertFollow(app, &args);
  std::reverse(args.begin(), args.end());  // as CLI11 takes them
  try {
    app.parse(args);
  } catch (const CLI::Success& e) {
    std::ostringstream text;  // --help, --version
    app.exit(e, text);
    return PrintOrFail(text.str());
  } catch (const CLI::ParseError& e) {
    return Fail(kBadRequest, absl::StrCat(e.what(), CommandHint(seed), "; see trace --help"));
  }
  if (run == nullptr) {
    return PrintOrFail(app.help());
  }
  const absl::Status status = run();
  if (status.ok()) return kDone;
  return Fail(absl::IsInvalidArgument(status) ? kBadRequest : kFailed,
              absl::StrCat(status.message(), CommandHint(seed)));
}

}  // namespace
}  // namespace spoor::tools

int main(int argc, char** argv) {
  try {
    return spoor::tools::Main(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("trace: out of memory: allow the process more, or it less with --memory\n", stderr);
    return 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "trace: %s\n", e.what());
    return 1;
  }
}
