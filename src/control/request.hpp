#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mpbridge::control {

// What a running bridge can be asked over its control socket: one line each way to ask, and then
// the answer up to the end of the stream.
enum class Request { status, status_json, metrics, kick, reset };

// With its line end.
inline constexpr std::size_t longest_request = 64;

std::string request_line(Request request);

// Of a line with or without its line end.
std::optional<Request> parse_request(std::string_view line);

// An answer that is an error begins so; no other one does.
inline constexpr std::string_view error_mark = "error: ";

std::string error_answer(std::string_view reason);

} // namespace mpbridge::control
