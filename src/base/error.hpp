#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace mpbridge::base {

// An expected failure, as a text for the user that names the thing and the reason.
struct Error {
    std::string message;
};

// "WHAT: REASON" from an errno value.
Error system_error(std::string_view what, int error_number);

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

} // namespace mpbridge::base
