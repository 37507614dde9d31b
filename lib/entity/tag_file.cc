#include "spoor/entity/tag_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/entity/tag_readers.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// How far into a file its kind must show.
constexpr size_t kHead = 64 << 10;
constexpr absl::string_view kWanted =
    "wanted a GraphSense TagPack, OFAC's sdn.xml or sdn_advanced.xml, one address a line, or CSV "
    "address,label,category[,source,confidence,currency]";

absl::Status NoList(absl::string_view found) {
  return absl::DataLossError(absl::StrCat("found ", found, ", ", kWanted));
}

// The first line that says something; `text` is cut off behind it.
absl::string_view FirstLine(absl::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const absl::string_view line = absl::StripAsciiWhitespace(text.substr(0, end));
    if (!line.empty() && line[0] != '#') return line;
    text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
  }
  return text;
}

}  // namespace

absl::string_view TagFileKindName(TagFileKind kind) {
  switch (kind) {
    case TagFileKind::kTagPack:
      return "TagPack";
    case TagFileKind::kOfacSdn:
      return "OFAC sdn.xml";
    case TagFileKind::kOfacAdvanced:
      return "OFAC sdn_advanced.xml";
    case TagFileKind::kAddressList:
      return "address list";
    case TagFileKind::kCsv:
      return "CSV";
  }
  return "";
}

absl::StatusOr<TagFileKind> DetectTagFile(absl::string_view text) {
  if (absl::StartsWith(text, "\xff\xfe") || absl::StartsWith(text, "\xfe\xff")) {
    return absl::DataLossError("found UTF-16, wanted UTF-8");
  }
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");
  const absl::string_view head = text.substr(0, kHead);
  if (head.find('\0') != absl::string_view::npos) return NoList("bytes that are no text");
  const absl::string_view line = FirstLine(head);
  if (line.empty()) return NoList("nothing");
  if (line[0] == '<') {
    if (absl::StrContains(head, "<sdnList")) return TagFileKind::kOfacSdn;
    if (absl::StrContains(head, "<Sanctions")) return TagFileKind::kOfacAdvanced;
    return NoList("another kind of XML");
  }
  const absl::string_view first = absl::StripSuffix(
      absl::StripPrefix(absl::StripAsciiWhitespace(line.substr(0, line.find(','))), "\""), "\"");
  if (first.size() < line.size() && absl::StrContains(line, ',') &&
      (absl::EqualsIgnoreCase(first, "address") || TagKey(first, "").ok() ||
       !absl::StrContains(first, ':'))) {
    return TagFileKind::kCsv;
  }
  const bool word = line.find_first_of(" \t,{[%") == absl::string_view::npos;
  if (word && line.back() != ':' && !absl::StartsWith(line, "---"))
    return TagFileKind::kAddressList;
  if (absl::StrContains(line, ':') || absl::StartsWith(line, "---") || line[0] == '%' ||
      line[0] == '{') {
    return TagFileKind::kTagPack;
  }
  return NoList(absl::StrCat("\"", line.substr(0, 60), "\""));
}

absl::StatusOr<TagFileInfo> ReadTagFile(absl::string_view name, absl::string_view text,
                                        TagSink* sink) {
  TagFileInfo info;
  SPOOR_ASSIGN_OR_RETURN(info.kind, DetectTagFile(text));
  absl::Status status;
  switch (info.kind) {
    case TagFileKind::kTagPack:
      status = ReadTagPack(text, sink, &info.title);
      break;
    case TagFileKind::kOfacSdn:
      status = ReadOfacSdn(text, sink, &info.title);
      break;
    case TagFileKind::kOfacAdvanced:
      status = ReadOfacAdvanced(text, sink, &info.title);
      break;
    case TagFileKind::kAddressList:
      status = ReadAddressList(name, text, sink);
      break;
    case TagFileKind::kCsv:
      status = ReadTagCsv(name, text, sink);
      break;
  }
  SPOOR_RETURN_IF_ERROR(status);
  sink->Progress(text.size());
  return info;
}

}  // namespace spoor
