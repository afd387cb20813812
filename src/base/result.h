// Result<T> is a value or an Error; Status is success or an Error; neither may be ignored.
#pragma once

#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace ashore::base {

// Success or an Error. Threads: a value type, not synchronised.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // Implicit, so that `return transient("...")` reads as it should.
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  // Precondition: !ok().
  [[nodiscard]] const Error& error() const& {
    assert(error_.has_value());
    return *error_;
  }
  [[nodiscard]] Error error() && {
    assert(error_.has_value());
    return std::move(*error_);
  }
  // Returns this status with an outer step named, or success unchanged.
  [[nodiscard]] Status within(std::string_view step) && {
    if (ok()) return {};
    return std::move(*error_).within(step);
  }

 private:
  std::optional<Error> error_;
};

// A value or an Error. Threads: a value type, not synchronised.
template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T> && !std::is_same_v<std::remove_cv_t<T>, Error>);

 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  // From anything that converts to T: derived unique_ptr, a reader as a shared_ptr.
  template <typename U>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  // Precondition: ok().
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  // Precondition: !ok().
  [[nodiscard]] const Error& error() const& {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error error() && {
    assert(!ok());
    return std::move(*std::get_if<1>(&state_));
  }
  // Returns this result with an outer step named on its error, or the value unchanged.
  [[nodiscard]] Result within(std::string_view step) && {
    if (ok()) return std::move(*this);
    return std::move(*std::get_if<1>(&state_)).within(step);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace ashore::base

// TRY(status);                 returns the error to the caller, or goes on.
// TRY(auto value, result);     the same, and binds the value.
// The error is passed on unchanged; name a step with `.within("...")` before it.
#define ASHORE_JOIN_(a, b) a##b
#define ASHORE_JOIN(a, b) ASHORE_JOIN_(a, b)
#define ASHORE_TRY_STATUS(name, expression)         \
  do {                                              \
    auto name = (expression);                       \
    if (!name.ok()) return std::move(name).error(); \
  } while (false)
#define ASHORE_TRY_VALUE(name, declaration, ...)  \
  auto name = (__VA_ARGS__);                      \
  if (!name.ok()) return std::move(name).error(); \
  declaration = std::move(name).value()
#define ASHORE_TRY_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define TRY(...)                                                                       \
  ASHORE_TRY_PICK(__VA_ARGS__, ASHORE_TRY_N, ASHORE_TRY_N, ASHORE_TRY_N, ASHORE_TRY_N, \
                  ASHORE_TRY_N, ASHORE_TRY_N, ASHORE_TRY_N, ASHORE_TRY_1, )            \
  (__VA_ARGS__)
#define ASHORE_TRY_1(expression) ASHORE_TRY_STATUS(ASHORE_JOIN(try_, __LINE__), expression)
#define ASHORE_TRY_N(declaration, ...) \
  ASHORE_TRY_VALUE(ASHORE_JOIN(try_, __LINE__), declaration, __VA_ARGS__)
