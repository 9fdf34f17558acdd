#pragma once

#include "base/error.hpp"

#include <exception>

namespace mpbridge::app {

// An exception that has come out of a coroutine.
inline base::Error unexpected(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return {error.what()};
    }
}

} // namespace mpbridge::app
