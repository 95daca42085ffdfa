// Command grpc-go-bench is an echo server over grpc-go, and one of streams.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"google.golang.org/grpc"

	"bench/protobuf"
	"bench/streams"
)

type echo struct {
	protobuf.UnimplementedEchoServer
}

func (echo) Echo(_ context.Context, req *protobuf.Request) (*protobuf.Response, error) {
	return &protobuf.Response{Action: req.Action, Msg: req.Msg}, nil
}

type chunks struct {
	streams.UnimplementedStreamsServer
}

func (chunks) Up(stream grpc.ClientStreamingServer[streams.Chunk, streams.Chunk]) error {
	for count := int64(0); ; count++ {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return stream.SendAndClose(&streams.Chunk{Count: count})
		} else if err != nil {
			return err
		}
	}
}

func (chunks) Down(req *streams.Chunk, stream grpc.ServerStreamingServer[streams.Chunk]) error {
	for range req.Count {
		if err := stream.Send(&streams.Chunk{Data: req.Data}); err != nil {
			return err
		}
	}
	return nil
}

func (chunks) Both(stream grpc.BidiStreamingServer[streams.Chunk, streams.Chunk]) error {
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
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err == nil {
		server := grpc.NewServer()
		protobuf.RegisterEchoServer(server, echo{})
		streams.RegisterStreamsServer(server, chunks{})
		fmt.Println("READY", *port)
		err = server.Serve(listener)
	}
	fmt.Println(err)
	os.Exit(1)
}
