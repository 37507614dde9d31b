#include "lib/ingest/row_text.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace spoor {
namespace {

bool AllDigits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// Takes `n` digits from the front of `*text`.
bool TakeNumber(size_t n, absl::string_view* text, int* number) {
  if (text->size() < n || !AllDigits(text->substr(0, n))) return false;
  *number = 0;
  for (size_t i = 0; i < n; ++i) *number = 10 * *number + ((*text)[i] - '0');
  text->remove_prefix(n);
  return true;
}

bool TakeChar(absl::string_view wanted, absl::string_view* text) {
  if (text->empty() || !absl::StrContains(wanted, text->front())) return false;
  text->remove_prefix(1);
  return true;
}

// ".25" as 250.
bool TakeFraction(absl::string_view* text, uint32_t* milliseconds) {
  if (!TakeChar(".,", text)) return true;
  if (text->empty() || !absl::ascii_isdigit(static_cast<unsigned char>(text->front()))) {
    return false;
  }
  uint32_t weight = 100;
  for (; !text->empty() && absl::ascii_isdigit(static_cast<unsigned char>(text->front()));
       text->remove_prefix(1)) {
    *milliseconds += weight * static_cast<uint32_t>(text->front() - '0');
    weight /= 10;
  }
  return true;
}

bool TakeOffset(absl::string_view* text, int* minutes) {
  if (text->empty()) return true;
  if (*text == "Z" || *text == "z" || *text == " UTC") {
    *text = "";
    return true;
  }
  const bool negative = text->front() == '-';
  int hours = 0;
  int rest = 0;
  if (!TakeChar("+-", text) || !TakeNumber(2, text, &hours)) return false;
  if (!text->empty()) {
    TakeChar(":", text);
    if (!TakeNumber(2, text, &rest)) return false;
  }
  *minutes = (negative ? -1 : 1) * (60 * hours + rest);
  return hours < 24 && rest < 60;
}

bool FromIso(absl::string_view text, RowTime* time) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  if (!TakeNumber(4, &text, &year) || !TakeChar("-/", &text) || !TakeNumber(2, &text, &month) ||
      !TakeChar("-/", &text) || !TakeNumber(2, &text, &day)) {
    return false;
  }
  if (!text.empty()) {
    if (!TakeChar("T t", &text) || !TakeNumber(2, &text, &hour) || !TakeChar(":", &text) ||
        !TakeNumber(2, &text, &minute)) {
      return false;
    }
    if (TakeChar(":", &text) && !TakeNumber(2, &text, &second)) return false;
    if (!TakeFraction(&text, &time->milliseconds) || !TakeOffset(&text, &offset)) return false;
  }
  if (second > 59 || minute > 59 || hour > 23 || !text.empty()) return false;
  const absl::CivilDay civil(year, month, day);
  // It carries over what no calendar has.
  if (civil.month() != month || civil.day() != day) return false;
  time->seconds = (civil - absl::CivilDay(1970, 1, 1)) * int64_t{86400} + 3600 * hour +
                  60 * minute + second - 60 * offset;
  return true;
}

}  // namespace

absl::Status BadText(absl::string_view text, absl::string_view wanted) {
  if (text.empty())
    return absl::InvalidArgumentError(absl::StrCat("found nothing, wanted ", wanted));
  return absl::InvalidArgumentError(absl::StrCat(
      "found \"", text.substr(0, 60), text.size() > 60 ? "\"..., wanted " : "\", wanted ", wanted));
}

absl::StatusOr<RowTime> TimeFromText(absl::string_view text) {
  RowTime time;
  bool good = false;
  if (AllDigits(text) && text.size() <= 13) {
    int64_t number = 0;
    good = absl::SimpleAtoi(text, &number);
    const bool thousandths = text.size() >= 12;
    time.seconds = thousandths ? number / 1000 : number;
    time.milliseconds = thousandths ? static_cast<uint32_t>(number % 1000) : 0;
  } else {
    good = FromIso(text, &time);
  }
  if (good && time.seconds >= 0 && time.seconds <= std::numeric_limits<uint32_t>::max()) {
    return time;
  }
  return BadText(text, "a time, as in 2023-01-13 20:34:11, or seconds since 1970");
}

absl::StatusOr<uint64_t> WholeNumber(absl::string_view text, uint64_t most) {
  uint64_t number = 0;
  if (!AllDigits(text) || !absl::SimpleAtoi(text, &number) || number > most) {
    return BadText(text, absl::StrCat("a whole number, at most ", most));
  }
  return number;
}

absl::StatusOr<bool> SuccessFromText(absl::string_view text) {
  for (const absl::string_view yes :
       {"", "1", "0x1", "true", "ok", "success", "successful", "confirmed", "completed"}) {
    if (absl::EqualsIgnoreCase(text, yes)) return true;
  }
  for (const absl::string_view no : {"0", "0x0", "false"}) {
    if (absl::EqualsIgnoreCase(text, no)) return false;
  }
  for (const absl::string_view begin : {"error", "fail", "revert"}) {
    if (absl::StartsWithIgnoreCase(text, begin)) return false;
  }
  return BadText(text, "1 or 0, success or error");
}

}  // namespace spoor
