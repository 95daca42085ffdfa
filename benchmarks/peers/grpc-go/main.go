// Command grpc-go-bench is an echo server over grpc-go.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"

	"bench/protobuf"
)

type handler struct {
	protobuf.UnimplementedEchoServer
}

func (handler) Echo(_ context.Context, req *protobuf.Request) (*protobuf.Response, error) {
	return &protobuf.Response{Action: req.Action, Msg: req.Msg}, nil
}

func main() {
	port := flag.Int("port", 0, "")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err == nil {
		server := grpc.NewServer()
		protobuf.RegisterEchoServer(server, handler{})
		fmt.Println("READY", *port)
		err = server.Serve(listener)
	}
	fmt.Println(err)
	os.Exit(1)
}
