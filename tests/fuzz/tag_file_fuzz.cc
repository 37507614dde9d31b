// Whatever the bytes, reading them as a list of tags ends; what is taken of them is fit to be kept
// and shown, and comes back from the table as it went in.

#include <cstdint>
#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "spoor/base/bytes.h"
#include "spoor/entity/tag_table.h"

namespace {

void Require(bool law) {
  if (!law) std::abort();
}

struct Sink : spoor::TagSink {
  spoor::TagListReader reader;
  uint64_t tags = 0;
  uint64_t refused = 0;
  std::map<std::string, spoor::Tag> last;

  absl::Status Add(spoor::Tag tag, uint64_t line) override {
    ++tags;
    Require(!tag.label.empty() && tag.label.size() <= spoor::kLongestTagField);
    for (const char c : tag.key + tag.label + tag.actor + tag.source) {
      Require(!absl::ascii_iscntrl(static_cast<unsigned char>(c)));
    }
    const auto again = spoor::TagKey(tag.address, tag.currency);
    Require(again.ok() && *again == tag.key);
    last[tag.key] = tag;
    return reader.Add(std::move(tag), line);
  }
  absl::Status Refuse(spoor::TagRefusal refusal) override {
    ++refused;
    Require(!refusal.reason.empty());
    return reader.Refuse(std::move(refusal));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = spoor::AsChars(spoor::ByteSpan(data, size));
  Sink sink;
  const bool ok = spoor::ReadTagFile("list_XBT.txt", text, &sink).ok();
  Require(sink.reader.summary().entries == sink.tags + sink.refused);
  if (!ok) return 0;
  spoor::MemoryTable rows;
  auto table = spoor::TagTable::Open(&rows);
  Require(table.ok() && table->Put(sink.reader).ok());
  for (const auto& [key, tag] : sink.last) {
    const auto found = table->Tags(key);
    Require(found.ok());
    bool there = found->size() == spoor::TagListReader::kMostOnOneAddress;
    for (const auto& one : *found) there = there || one.tag == tag;
    Require(there);
  }
  return 0;
}
