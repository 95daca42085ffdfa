package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"interop/kitex_gen/cases"
	service "interop/kitex_gen/cases/cases"
)

type handler struct{ logged sync.Map }

func serve(o options) {
	klog.SetLevel(klog.LevelFatal)
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: o.port}
	opts := []server.Option{
		server.WithServiceAddr(addr),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
	}
	if o.mux {
		opts = append(opts, server.WithMuxTransport())
	}
	server.RegisterStartHook(func() { fmt.Println("READY") })
	if err := service.NewServer(new(handler), opts...).Run(); err != nil {
		fail(err.Error())
	}
}

func (h *handler) Echo(ctx context.Context, req *cases.Request) (*cases.Response, error) {
	word, rest, _ := strings.Cut(req.Msg, ":")
	text := req.Msg
	switch word {
	case "biz":
		return nil, kerrors.NewBizStatusErrorWithExtra(404, "not found", map[string]string{"k": "v"})
	case "oops":
		return nil, &cases.Oops{Why: "because", Code: 7}
	case "err":
		return nil, errors.New("went wrong")
	case "sleep":
		ms, _ := strconv.Atoi(rest)
		time.Sleep(time.Duration(ms) * time.Millisecond)
	case "meta":
		text = seen(ctx)
		metainfo.SendBackwardValue(ctx, "bk", "bv")
	case "caller":
		text = rpcinfo.GetRPCInfo(ctx).From().ServiceName()
	case "deadline":
		text = "none"
		if at, ok := ctx.Deadline(); ok {
			text = strconv.FormatInt(time.Until(at).Milliseconds(), 10)
		}
	case "logged":
		text = "no"
		if _, ok := h.logged.Load(rest); ok {
			text = "yes"
		}
	case "chain":
		return hop(ctx, req, rest)
	case "drain":
		time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(os.Getpid(), syscall.SIGTERM) })
	}
	return &cases.Response{Action: req.Action, Msg: text}, nil
}

func (h *handler) Swap(_ context.Context, all *cases.Everything) (*cases.Everything, error) {
	return all, nil
}

func (h *handler) Ping(context.Context) error { return nil }

func (h *handler) Log(_ context.Context, req *cases.Request) error {
	h.logged.Store(req.Msg, true)
	return nil
}

func seen(ctx context.Context) string {
	transient, _ := metainfo.GetValue(ctx, "T")
	persistent, _ := metainfo.GetPersistentValue(ctx, "P")
	return "T=" + transient + ",P=" + persistent
}

// hop asks the next server of the list, adds what was seen here, and hands the backward value on.
func hop(ctx context.Context, req *cases.Request, rest string) (*cases.Response, error) {
	text, back := "kitex:"+seen(ctx), "kitex"
	if rest != "" {
		port, more, _ := strings.Cut(rest, ",")
		number, _ := strconv.Atoi(port)
		next := metainfo.WithBackwardValues(ctx)
		reply, err := connect(options{port: number, wire: "ttheaderframed"}, 5*time.Second).
			Echo(next, &cases.Request{Action: req.Action, Msg: "chain:" + more})
		if err != nil {
			return nil, err
		}
		below, _ := metainfo.RecvBackwardValue(next, "bk")
		text, back = text+"|"+reply.Msg, below+">kitex"
	}
	metainfo.SendBackwardValue(ctx, "bk", back)
	return &cases.Response{Action: req.Action, Msg: text}, nil
}
