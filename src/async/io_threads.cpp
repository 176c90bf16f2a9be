#include "async/io_threads.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>

namespace instapay {
namespace {

thread_local std::size_t current_index = 0;

}  // namespace

IoThreads::IoThreads(int count) {
  for (int i = 0; i < count; ++i) {
    // Concurrency hint 1: one thread runs it, other threads only post.
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.push_back(asio::make_work_guard(*contexts_.back()));
  }
}

IoThreads::~IoThreads() { stop(); }

std::size_t IoThreads::current() { return current_index; }

void IoThreads::start() {
  for (std::size_t i = 0; i < contexts_.size(); ++i)
    threads_.emplace_back([this, i] {
      current_index = i;
      pthread_setname_np(pthread_self(), "io");
      contexts_[i]->run();
    });
}

void IoThreads::stop() {
  guards_.clear();
  for (auto& context : contexts_) context->stop();
  threads_.clear();
}

}  // namespace instapay
