// An Error says what failed, why and what to do, and carries the remedy as its kind.
#pragma once

#include <string>
#include <string_view>

namespace ashore::base {

// The kind is chosen by remedy, because that is what a caller and the exit code act on.
enum class ErrorKind {
  // The world failed; running again may help: network, database away, lock held, disk full.
  kTransient,
  // A retry cannot fix it: command line, pipeline, rights, credentials, schema conflict, input.
  kPermanent,
  // A check failed: nothing was published.
  kBlockedByCheck,
  // Too many rows were rejected: nothing was published.
  kBlockedByQuarantine,
  // What was asked for is not there. Callers decide whether that is a failure.
  kNotFound,
  // A conditional create lost: the name exists already.
  kAlreadyExists,
  // A stop was requested (Ctrl-C, SIGTERM): work was abandoned in good order.
  kInterrupted,
  // We are wrong: a state that our own code promises never to reach.
  kBug,
};

// Pure. The process exit code (README.md) for a failure of this kind.
int exit_code_of(ErrorKind kind);

// A value type; cheap to move. Threads: immutable once shared.
class Error {
 public:
  // `what` is static words first and values last, without a final full stop:
  // "cannot open file: /data/x: Permission denied".
  Error(ErrorKind kind, std::string what);

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] const std::string& what() const { return what_; }
  // One sentence that says what to do; empty when there is nothing sensible to say.
  [[nodiscard]] const std::string& remedy() const { return remedy_; }
  // The steps that led here, outermost first: "load table 'orders': copy".
  [[nodiscard]] const std::string& steps() const { return steps_; }

  // Returns the error with an outer step put before the others.
  [[nodiscard]] Error within(std::string_view step) &&;
  // Returns the error with its remedy set, unless an inner step already said one.
  [[nodiscard]] Error with_remedy(std::string_view remedy) &&;
  // Returns the error with another kind: where a caller knows a better remedy.
  [[nodiscard]] Error as(ErrorKind kind) &&;

  // Pure. "steps: what. Remedy." on one line; control characters are escaped.
  [[nodiscard]] std::string message() const;

 private:
  ErrorKind kind_;
  std::string what_;
  std::string remedy_;
  std::string steps_;
};

// Shorthands for the kinds that most code makes.
Error transient(std::string what);
Error permanent(std::string what);
Error not_found(std::string what);
Error bug(std::string what);

}  // namespace ashore::base
