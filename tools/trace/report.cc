#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/case_files.h"
#include "spoor/report/trace_document.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::string result;
  std::string estimate;
  std::string html;
  std::string csv;
  std::string graphml;
  std::string dot;
  std::string stix;
  std::string misp;
};

// Whole or not at all: a reader never finds half of it under its name.
absl::Status WriteTextFile(const std::string& path, absl::string_view text) {
  const std::string part = path + ".part";
  const auto failed = [&](const std::string& why) {
    std::remove(part.c_str());
    return absl::UnavailableError(absl::StrCat("writing ", path, ": ", why));
  };
  FILE* file = std::fopen(part.c_str(), "wb");
  if (file == nullptr) return failed(std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  if (std::fclose(file) != 0 || !written) return failed(std::strerror(written ? errno : error));
  if (std::rename(part.c_str(), path.c_str()) != 0) return failed(std::strerror(errno));
  return absl::OkStatus();
}

absl::Status WriteTables(const std::string& directory, const TraceDocument& document) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("making ", directory, ": ", error.message()));
  for (const CaseFile& file : CaseToCsv(document)) {
    SPOOR_RETURN_IF_ERROR(WriteTextFile(absl::StrCat(directory, "/", file.name), file.text));
  }
  return absl::OkStatus();
}

absl::Status WriteReport(const Options& options) {
  if (options.html.empty() && options.csv.empty() && options.graphml.empty() &&
      options.dot.empty() && options.stix.empty() && options.misp.empty()) {
    return absl::InvalidArgumentError(
        "found no format, wanted at least one of --html, --csv, --graphml, --dot, --stix, --misp");
  }
  if (!options.estimate.empty() && options.html.empty()) {
    return absl::InvalidArgumentError("--estimate is only for --html");
  }
  if (!options.html.empty() && !HasCasePage()) {
    return absl::FailedPreconditionError(
        "--html: this trace was built without the page: install nodejs and npm, and build it again "
        "(docs/integrators.md)");
  }
  SPOOR_ASSIGN_OR_RETURN(const std::string json, ReadTextFile(options.result));
  const absl::StatusOr<TraceDocument> read = ReadTraceDocument(json);
  if (!read.ok()) return Annotate(read.status(), options.result);
  const TraceDocument& document = *read;
  if (!options.html.empty()) {
    std::string estimate;
    if (!options.estimate.empty()) {
      SPOOR_ASSIGN_OR_RETURN(estimate, ReadTextFile(options.estimate));
    }
    const absl::StatusOr<std::string> page = CaseToHtml(document, estimate);
    if (!page.ok()) return Annotate(page.status(), options.estimate);
    SPOOR_RETURN_IF_ERROR(WriteTextFile(options.html, *page));
  }
  if (!options.csv.empty()) SPOOR_RETURN_IF_ERROR(WriteTables(options.csv, document));
  using Write = std::string (*)(const TraceDocument&);
  for (const auto& [path, write] : std::initializer_list<std::pair<const std::string*, Write>>{
           {&options.graphml, &CaseToGraphml},
           {&options.dot, &CaseToDot},
           {&options.stix, &CaseToStix},
           {&options.misp, &CaseToMisp}}) {
    if (!path->empty()) SPOOR_RETURN_IF_ERROR(WriteTextFile(*path, write(document)));
  }
  return absl::OkStatus();
}

}  // namespace

void AddReport(CLI::App* app, const Session*, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("report", "Turn a trace into a page, tables, graphs, STIX or MISP");
  command->fallthrough();
  command->footer(
      "RESULT.json is what trace follow --json printed; the ledger is not needed. Formats can be "
      "asked for together.\n\n"
      "Example:\n"
      "  trace follow ADDRESS --policy all --bounds --json > result.json\n"
      "  trace estimate result.json --json > estimate.json\n"
      "  trace report result.json --estimate estimate.json --html report.html --csv tables");
  command->add_option("RESULT", options->result, "A trace's JSON")->required()->type_name("FILE");
  command->add_option("--estimate", options->estimate, "What trace estimate --json printed of it")
      ->type_name("FILE");
  command->add_option("--html", options->html, "One page for people that needs no network")
      ->type_name("FILE");
  command->add_option("--csv", options->csv, "endpoints, flows, bounds and totals as tables")
      ->type_name("DIR");
  command->add_option("--graphml", options->graphml, "The flows as a graph: Gephi, yEd, networkx")
      ->type_name("FILE");
  command->add_option("--dot", options->dot, "The flows as a graph for Graphviz")
      ->type_name("FILE");
  command->add_option("--stix", options->stix, "A STIX 2.1 bundle")->type_name("FILE");
  command->add_option("--misp", options->misp, "A MISP event")->type_name("FILE");
  command->callback([=] { *run = [=] { return WriteReport(*options); }; });
}

}  // namespace spoor::tools
