#include "spoor/base/csv.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> ReadAll(absl::string_view text) {
  CsvReader reader(text);
  Records records;
  std::vector<std::string> fields;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&fields);
    if (!more.ok()) return more.status();
    if (!*more) return records;
    records.push_back(fields);
  }
}

TEST(Csv, Forms) {
  struct Case {
    const char* name;
    std::string text;
    Records records;
  };
  for (const Case& c : {
           Case{"nothing", "", {}},
           Case{"only a byte order mark", "\xef\xbb\xbf", {}},
           Case{"empty lines", "\n\r\n  \n", {}},
           Case{"plain", "a,b\nc,d\n", {{"a", "b"}, {"c", "d"}}},
           Case{"no line feed at the end", "a,b", {{"a", "b"}}},
           Case{"byte order mark and CRLF",
                "\xef\xbb\xbf"
                "a,b\r\nc\r\n",
                {{"a", "b"}, {"c"}}},
           Case{"empty fields", ",\n,,x", {{"", ""}, {"", "", "x"}}},
           Case{"comma at the end", "a,", {{"a", ""}}},
           Case{"quotes", "\"a,b\",\"say \"\"x\"\"\"\n\"\",z", {{"a,b", "say \"x\""}, {"", "z"}}},
           Case{"a line break in quotes", "\"a\r\nb\",c\nd", {{"a\r\nb", "c"}, {"d"}}},
           Case{"spaces", " a , \" b \" \t, c d \n", {{"a", " b ", "c d"}}},
       }) {
    SCOPED_TRACE(c.name);
    const auto records = ReadAll(c.text);
    ASSERT_TRUE(records.ok()) << records.status();
    EXPECT_EQ(*records, c.records);
  }
}

TEST(Csv, WhatIsNone) {
  struct Case {
    std::string text;
    const char* why;
  };
  for (const Case& c : {Case{"a\nb,\"c\nd", "line 2: a quote is not closed"},
                        Case{"a\n\"b\"c", "line 2: found text after a closing quote"},
                        Case{"a\"b", "line 1: found a quote inside"},
                        Case{std::string("a\n\nb\0c", 6), "line 3: found a NUL"},
                        Case{std::string("\"\0\"", 3), "line 1: found a NUL"},
                        Case{"a,b\rc,d\r", "line 1: found a carriage return by itself"}}) {
    SCOPED_TRACE(c.text);
    const auto records = ReadAll(c.text);
    EXPECT_EQ(records.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(records.status().message()), testing::HasSubstr(c.why));
  }
}

TEST(Csv, WhatIsWrittenIsReadBack) {
  std::mt19937_64 rng(/*seed=*/20250711);
  constexpr absl::string_view kAlphabet = "ab,\"\n\r \xc3";
  for (int i = 0; i < 2000; ++i) {
    Records records(1 + rng() % 4);
    std::string text;
    for (auto& fields : records) {
      fields.resize(1 + rng() % 4);
      for (std::string& field : fields) {
        field.resize(rng() % 5);
        for (char& c : field) c = kAlphabet[rng() % kAlphabet.size()];
        text += (&field == &fields[0] ? "\"" : ",\"") +
                absl::StrReplaceAll(field, {{"\"", "\"\""}}) + "\"";
      }
      text += rng() % 2 == 0 ? "\n" : "\r\n";
    }
    const auto read = ReadAll(text);
    ASSERT_TRUE(read.ok()) << read.status() << text;
    EXPECT_EQ(*read, records);
  }
}

TEST(Csv, LinesAreCounted) {
  CsvReader reader("a\n\n\"b\nc\"\nd");
  std::vector<std::string> fields;
  std::vector<uint64_t> lines;
  while (*reader.Next(&fields)) lines.push_back(reader.line());
  EXPECT_EQ(lines, (std::vector<uint64_t>{1, 3, 5}));
  EXPECT_EQ(reader.offset(), 10u);
}

}  // namespace
}  // namespace spoor
