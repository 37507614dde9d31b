#include "lib/taint/scan_ahead.h"

#include <exception>
#include <system_error>

#include "spoor/base/status_macros.h"

namespace spoor {

absl::Status ScanAhead::ScanMovements(Position from,
                                      absl::FunctionRef<absl::Status(const Movement&)> visit) {
  const bool goes_on =
      thread_.joinable() && from.number >= next_ && from.number - next_ <= kMostPassedBy;
  if (!goes_on && !Start(from)) return view_.ScanMovements(from, visit);
  while (Batch* const batch = Wait()) {
    while (at_ < batch->count) {
      const Movement& movement = batch->movements[at_++];
      if (next_++ < from.number) continue;
      SPOOR_RETURN_IF_ERROR(visit(movement));
    }
    GiveBack();
  }
  if (next_ < from.number) {
    // What could not be read was not asked for.
    Stop();
    return ScanMovements(from, visit);
  }
  if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  return *end_;
}

bool ScanAhead::Start(Position from) {
  Stop();
  next_ = from.number;
  at_ = 0;
  handed_over_ = 0;
  given_back_ = 0;
  stop_ = false;
  end_.reset();
  thrown_ = nullptr;
  try {
    thread_ = std::thread([this, from] { Read(from); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void ScanAhead::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

ScanAhead::Batch* ScanAhead::Wait() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return handed_over_ > given_back_ || end_.has_value(); });
  return handed_over_ > given_back_ ? &batches_[given_back_ % kBatches] : nullptr;
}

void ScanAhead::GiveBack() {
  at_ = 0;
  bool has_room = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++given_back_;
    has_room = handed_over_ - given_back_ == kEnough;
  }
  if (has_room) changed_.notify_one();
}

void ScanAhead::Read(Position from) {
  Batch* batch = nullptr;
  const auto keep = [&](const Movement& movement) -> absl::Status {
    if (batch == nullptr) {
      batch = WaitForRoom();
      if (batch == nullptr) return absl::CancelledError();
      Clear(batch);
    }
    if (batch->count == batch->movements.size()) batch->movements.emplace_back();
    batch->movements[batch->count] = movement;
    ++batch->count;
    batch->entries += movement.gives.size() + movement.takes.size();
    if (batch->count == kInBatch || batch->entries >= kMostEntries) {
      HandOver();
      batch = nullptr;
    }
    return absl::OkStatus();
  };
  absl::Status status;
  std::exception_ptr thrown;
  try {
    status = view_.ScanMovements(from, keep);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (batch != nullptr) HandOver();
  const std::lock_guard<std::mutex> lock(mutex_);
  end_ = status;
  thrown_ = thrown;
  changed_.notify_one();
}

void ScanAhead::Clear(Batch* batch) {
  batch->count = 0;
  batch->entries = 0;
  for (Movement& movement : batch->movements) {
    if (movement.gives.capacity() + movement.takes.capacity() > kMostKept) movement = {};
  }
}

ScanAhead::Batch* ScanAhead::WaitForRoom() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (handed_over_ - given_back_ == kBatches) {
    changed_.wait(lock, [this] { return handed_over_ - given_back_ <= kEnough || stop_; });
  }
  return stop_ ? nullptr : &batches_[handed_over_ % kBatches];
}

void ScanAhead::HandOver() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++handed_over_;
  }
  changed_.notify_one();
}

}  // namespace spoor
