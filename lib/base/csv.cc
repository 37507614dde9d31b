#include "spoor/base/csv.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

absl::Status BadLine(uint64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

}  // namespace

CsvReader::CsvReader(absl::string_view text) : text_(text) {
  if (absl::StartsWith(text_, kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool CsvReader::AtLineEnd() const {
  return at_ == text_.size() || text_[at_] == '\n' ||
         (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
}

void CsvReader::SkipSpaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

absl::StatusOr<std::string> CsvReader::ReadQuoted() {
  std::string field;
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\0') return BadLine(line_, "found a NUL, wanted text");
    if (c == '\n') ++line_;
    if (c == '"') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') {
        ++at_;
        SkipSpaces();
        if (AtLineEnd() || text_[at_] == ',') return field;
        return BadLine(line_, "found text after a closing quote, wanted a comma");
      }
      ++at_;
    }
    field.push_back(c);
  }
  return BadLine(record_line_, "a quote is not closed");
}

absl::StatusOr<std::string> CsvReader::ReadPlain() {
  const size_t begin = at_;
  for (; !AtLineEnd() && text_[at_] != ','; ++at_) {
    if (text_[at_] == '"') {
      return BadLine(line_, "found a quote inside a field that does not begin with one");
    }
    if (text_[at_] == '\0') return BadLine(line_, "found a NUL, wanted text");
    if (text_[at_] == '\r') {
      return BadLine(line_,
                     "found a carriage return by itself, wanted lines that end in LF or CRLF");
    }
  }
  return std::string(absl::StripAsciiWhitespace(text_.substr(begin, at_ - begin)));
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>* fields) {
  fields->clear();
  while (true) {
    SkipSpaces();
    if (at_ == text_.size()) return false;
    if (!AtLineEnd()) break;
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ++line_;
  }
  record_line_ = line_;
  while (true) {
    SkipSpaces();
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    SPOOR_ASSIGN_OR_RETURN(std::string field, quoted ? ReadQuoted() : ReadPlain());
    fields->push_back(std::move(field));
    if (AtLineEnd()) break;
    ++at_;  // the comma
  }
  if (at_ < text_.size()) {
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ++line_;
  }
  return true;
}

}  // namespace spoor
