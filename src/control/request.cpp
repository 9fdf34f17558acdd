#include "control/request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mpbridge::control {
namespace {

constexpr std::array<std::pair<Request, std::string_view>, 5> words{{
    {Request::status, "status"},
    {Request::status_json, "status json"},
    {Request::metrics, "metrics"},
    {Request::kick, "kick"},
    {Request::reset, "reset"},
}};

} // namespace

std::string request_line(Request request) {
    const auto* const found = std::find_if(
        words.begin(), words.end(), [request](const auto& each) { return each.first == request; });
    return std::string(found->second) + "\n";
}

std::optional<Request> parse_request(std::string_view line) {
    for (const char end : {'\n', '\r'}) {
        if (line.ends_with(end)) {
            line.remove_suffix(1);
        }
    }
    const auto* const found = std::find_if(
        words.begin(), words.end(), [line](const auto& each) { return each.second == line; });
    return found == words.end() ? std::nullopt : std::optional(found->first);
}

std::string error_answer(std::string_view reason) {
    return std::string(error_mark).append(reason).append("\n");
}

} // namespace mpbridge::control
