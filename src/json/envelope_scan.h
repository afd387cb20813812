// EnvelopeScan finds a page's envelope while its body is scanned.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "json/envelope.h"

namespace ashore::json {

// An observer of Scanner (scanner.h). Views the paths and the scanned body, which outlive it.
class EnvelopeScan {
 public:
  explicit EnvelopeScan(const EnvelopePaths& paths);
  EnvelopeScan(const EnvelopeScan&) = delete;
  EnvelopeScan& operator=(const EnvelopeScan&) = delete;

  void begin_value(const char* at) {
    is_scalar_ = true;
    if (skipped_ == 0) begin(at);
  }
  void open(char bracket) {
    is_scalar_ = false;
    if (skipped_ > 0) {
      ++skipped_;
    } else {
      enter(bracket);
    }
  }
  void key(std::string_view raw) {
    if (skipped_ == 0) take_key(raw);
  }
  void end_value(const char* end) {
    if (is_scalar_) {
      if (skipped_ == 0) end_scalar(end);
    } else if (skipped_ > 0) {
      --skipped_;
    } else {
      leave();
    }
    is_scalar_ = false;
  }

  // After the whole body was scanned, and is JSON: what read_envelope() would say of it. Nothing
  // where that would be an error, and where a declared field lies in an array, in another field or
  // behind a key with escapes, or a key on the way to one comes twice.
  std::optional<Envelope> finish() &&;

 private:
  // A place on the way to declared fields, as a tree of keys.
  struct Node {
    std::vector<std::pair<std::string_view, int>> children;
    std::vector<std::string_view*> targets;  // take the text of the scalar that lies here
    bool is_items = false;
    bool is_in_item = false;
  };
  // An array or object on the way; others are only counted.
  struct Frame {
    int node = kNone;
    std::uint64_t seen = 0;  // by child
    bool is_array = false;
    bool has_items = false;  // its elements are items
    bool is_item = false;
  };

  static constexpr int kNone = -1;

  void begin(const char* at);
  void enter(char bracket);
  void take_key(std::string_view raw);
  void end_scalar(const char* end);
  void leave();
  void end_item();

  int add_node(bool is_in_item);
  // False: something else is declared above or below that place.
  bool declare(int from, const Pointer& pointer, std::string_view* target);
  bool declare_all();

  const EnvelopePaths& paths_;
  std::vector<Node> nodes_;
  int item_ = kNone;       // of an item; kNone: nothing is looked for in one
  bool is_common_ = true;  // so far
  bool has_items_ = false;

  // Of the value that has begun.
  const char* begin_ = nullptr;
  int node_ = kNone;
  bool is_item_ = false;
  bool is_scalar_ = false;  // until it opens

  std::vector<Frame> frames_;
  std::int64_t skipped_ = 0;  // arrays and objects that are open below the innermost frame

  // Texts of what was found; without data where nothing was.
  std::string_view total_;
  std::string_view page_count_;
  std::string_view next_;
  std::string_view more_;
  std::string_view id_;         // of the item that is scanned
  std::string_view item_next_;  // in it, by paths.last_item
  Envelope envelope_;
};

}  // namespace ashore::json
