//go:build tools

// Package jaeger names the program to build, so that `go mod tidy` keeps what it needs.
package jaeger

import _ "github.com/jaegertracing/jaeger/cmd/jaeger"
