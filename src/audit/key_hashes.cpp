// Sorted runs, merged as they are read (Knuth, The Art of Computer Programming 3, 5.4).
#include "audit/key_hashes.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "base/digest.h"

namespace ashore::audit {

using base::Status;

Status KeyHashes::add(std::string_view key, std::int64_t row) {
  const auto digest = base::sha256(key);
  auto& hash = hashes_.emplace_back();
  std::memcpy(hash.key.data(), digest.data(), sizeof hash.key);
  hash.row = row;
  return hashes_.size() < storage_.hashes_max ? Status() : spill();
}

Status KeyHashes::spill() {
  std::ranges::sort(hashes_);
  TRY(auto made, storage_.store.spill());
  Run run{std::move(made), {}};
  TRY(run.file->append(
      {reinterpret_cast<const char*>(hashes_.data()), hashes_.size() * sizeof(KeyHash)}));
  TRY(run.bytes, run.file->map());
  runs_.push_back(std::move(run));
  hashes_.clear();
  return {};
}

void KeyHashes::sort() { std::ranges::sort(hashes_); }

std::size_t KeyHashes::count_of(std::size_t run) const {
  return run == runs_.size() ? hashes_.size() : runs_[run].bytes.size() / sizeof(KeyHash);
}

KeyHash KeyHashes::at(std::size_t run, std::size_t index) const {
  if (run == runs_.size()) return hashes_[index];
  KeyHash hash;
  std::memcpy(&hash, runs_[run].bytes.data() + index * sizeof hash, sizeof hash);
  return hash;
}

KeyHashes::Reader::Reader(const KeyHashes& hashes)
    : hashes_(hashes), next_(hashes.runs_.size() + 1, 0) {
  for (std::size_t run = 0; run < next_.size(); ++run) push(run);
}

void KeyHashes::Reader::push(std::size_t run) {
  if (next_[run] == hashes_.count_of(run)) return;
  heads_.push_back({hashes_.at(run, next_[run]++), run});
  std::ranges::push_heap(heads_, std::greater<>());
}

const KeyHash* KeyHashes::Reader::next() {
  if (heads_.empty()) return nullptr;
  std::ranges::pop_heap(heads_, std::greater<>());
  const auto head = heads_.back();
  heads_.pop_back();
  current_ = head.hash;
  push(head.run);
  return &current_;
}

}  // namespace ashore::audit
