// Command kitex-bench is an echo server over Kitex: Thrift, multiplexed Thrift or gRPC.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"bench/kitex_gen/echo"
	thrift "bench/kitex_gen/echo/echoserver"
	"bench/kitex_gen/protobuf"
	grpc "bench/kitex_gen/protobuf/echo"
	"bench/kitex_gen/streams"
	chunksservice "bench/kitex_gen/streams/streams"
)

type thriftHandler struct{}

func (thriftHandler) Echo(_ context.Context, req *echo.Request) (*echo.Response, error) {
	return &echo.Response{Action: req.Action, Msg: req.Msg}, nil
}

type grpcHandler struct{}

func (grpcHandler) Echo(_ context.Context, req *protobuf.Request) (*protobuf.Response, error) {
	return &protobuf.Response{Action: req.Action, Msg: req.Msg}, nil
}

type chunks struct{}

func (chunks) Up(stream streams.Streams_UpServer) error {
	for count := int64(0); ; count++ {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return stream.SendAndClose(&streams.Chunk{Count: count})
		} else if err != nil {
			return err
		}
	}
}

func (chunks) Down(req *streams.Chunk, stream streams.Streams_DownServer) error {
	for range req.Count {
		if err := stream.Send(&streams.Chunk{Data: req.Data}); err != nil {
			return err
		}
	}
	return nil
}

func (chunks) Both(stream streams.Streams_BothServer) error {
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = stream.Send(chunk)
		}
		if err != nil {
			return err
		}
	}
}

func main() {
	port := flag.Int("port", 0, "")
	mode := flag.String("mode", "thrift", "thrift, mux or grpc")
	flag.Parse()
	klog.SetLevel(klog.LevelFatal)
	server.RegisterStartHook(func() { fmt.Println("READY", *port) })
	options := []server.Option{
		server.WithServiceAddr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: *port}),
	}
	var running server.Server
	switch *mode {
	case "grpc":
		running = grpc.NewServer(new(grpcHandler), options...)
		if err := chunksservice.RegisterService(running, new(chunks)); err != nil {
			panic(err)
		}
	case "mux":
		options = append(options, server.WithMuxTransport())
		fallthrough
	case "thrift":
		options = append(options, server.WithMetaHandler(transmeta.ServerTTHeaderHandler))
		running = thrift.NewServer(new(thriftHandler), options...)
	default:
		fmt.Println("--mode:", *mode, "(expected: thrift, mux or grpc)")
		os.Exit(2)
	}
	if err := running.Run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
