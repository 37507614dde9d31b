#include "spoor/report/tags_report.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "spoor/entity/category.h"

namespace spoor {
namespace {

// Refusals of a file that a table shows one by one.
constexpr size_t kShown = 10;

uint64_t TagsOf(absl::Span<const TagList> lists) {
  uint64_t tags = 0;
  for (const TagList& list : lists) tags += list.tags;
  return tags;
}

}  // namespace

std::string TagsToJson(absl::Span<const TagFileReport> files, absl::Span<const TagList> lists) {
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.tags.v1");
  uint64_t entries = 0, tags = 0, repeated = 0, refused = 0, added = 0, removed = 0;
  json.Key("files").BeginArray();
  for (const TagFileReport& file : files) {
    const TagListSummary& summary = file.summary;
    entries += summary.entries;
    tags += summary.list.tags;
    repeated += summary.repeated;
    refused += summary.refused;
    added += file.change.added;
    removed += file.change.removed;
    json.BeginObject();
    json.Key("file").String(file.file);
    json.Key("kind").String(TagFileKindName(summary.list.kind));
    json.Key("title").String(summary.list.title);
    json.Key("entries").Number(summary.entries);
    json.Key("tags").Number(summary.list.tags);
    json.Key("addresses").Number(summary.list.addresses);
    json.Key("repeated").Number(summary.repeated);
    json.Key("refused").Number(summary.refused);
    json.Key("added").Number(file.change.added);
    json.Key("removed").Number(file.change.removed);
    json.Key("categories").BeginObject();
    for (const auto& [category, count] : summary.categories) {
      json.Key(CategoryName(category)).Number(count);
    }
    json.EndObject();
    json.Key("reasons").BeginObject();
    for (const auto& [reason, count] : summary.reasons) json.Key(reason).Number(count);
    json.EndObject();
    json.Key("refusals").BeginArray();
    for (const TagRefusal& refusal : summary.refusals) {
      json.BeginObject();
      json.Key("line").Number(refusal.line);
      json.Key("entry").String(refusal.entry);
      json.Key("reason").String(refusal.reason);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.Key("total").BeginObject();
  json.Key("entries").Number(entries);
  json.Key("tags").Number(tags);
  json.Key("repeated").Number(repeated);
  json.Key("refused").Number(refused);
  json.Key("added").Number(added);
  json.Key("removed").Number(removed);
  json.EndObject();
  json.Key("ledger").BeginObject();
  json.Key("lists").Number(lists.size());
  json.Key("tags").Number(TagsOf(lists));
  json.EndObject();
  json.EndObject();
  return json.Take();
}

std::string TagsToText(absl::Span<const TagFileReport> files, absl::Span<const TagList> lists) {
  std::string out = absl::StrFormat("  %9s  %9s  %9s  %8s  %-21s  %s\n", "entries", "tags",
                                    "addresses", "refused", "kind", "file");
  for (const TagFileReport& file : files) {
    const TagListSummary& summary = file.summary;
    absl::StrAppendFormat(&out, "  %9d  %9d  %9d  %8d  %-21s  %s\n", summary.entries,
                          summary.list.tags, summary.list.addresses, summary.refused,
                          TagFileKindName(summary.list.kind), file.file);
    if (summary.repeated > 0) {
      absl::StrAppendFormat(&out, "    %d entries say what another says, word for word\n",
                            summary.repeated);
    }
    if (const auto unknown = summary.categories.find(Category::kUnknown);
        unknown != summary.categories.end()) {
      absl::StrAppendFormat(&out,
                            "    %d tags have no category that is known: tracing does not stop at "
                            "them\n",
                            unknown->second);
    }
    if (file.change.removed > 0) {
      absl::StrAppendFormat(&out, "    %d tags of the version before are gone, %d are new\n",
                            file.change.removed, file.change.added);
    }
    for (const auto& [reason, count] : summary.reasons) {
      absl::StrAppendFormat(&out, "    refused %d: %s\n", count, reason);
    }
    for (size_t i = 0; i < summary.refusals.size() && i < kShown; ++i) {
      const TagRefusal& refusal = summary.refusals[i];
      // It may be no UTF-8, and would command a terminal.
      std::string entry;
      for (const char c : refusal.entry) {
        entry.push_back(absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?');
      }
      absl::StrAppendFormat(&out, "      line %d, %s: %s\n", refusal.line,
                            entry.empty() ? "(no address)" : entry, refusal.reason);
    }
    if (summary.refused > kShown) {
      absl::StrAppendFormat(&out, "      (%d more%s)\n", summary.refused - kShown,
                            summary.refused > TagListSummary::kRefusalsKept ? "" : ", in --json");
    }
  }
  absl::StrAppendFormat(&out, "the ledger has %d tags of %d lists\n", TagsOf(lists), lists.size());
  return out;
}

}  // namespace spoor
