//go:build tools

// Package jaeger imports the program to build, so that `go mod tidy` keeps its dependencies.
package jaeger

import _ "github.com/jaegertracing/jaeger/cmd/jaeger"
