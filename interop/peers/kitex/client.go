package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	"interop/kitex_gen/cases"
	service "interop/kitex_gen/cases/cases"
	"interop/kitex_gen/cases/later"
)

var protocols = map[string]transport.Protocol{
	"bare": transport.PurePayload, "framed": transport.Framed,
	"ttheader": transport.TTHeader, "ttheaderframed": transport.TTHeaderFramed,
}

func settings(o options, limit time.Duration) []client.Option {
	opts := []client.Option{
		client.WithHostPorts("127.0.0.1:" + strconv.Itoa(o.port)),
		// an option only adds bits to the default, which is framed: clear first
		client.WithTransportProtocol(transport.PurePayload),
		client.WithTransportProtocol(protocols[o.wire]),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithClientBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: "kitex-client"}),
		client.WithConnectTimeout(2 * time.Second),
		client.WithRPCTimeout(limit),
	}
	if o.mux {
		return append(opts, client.WithMuxConnection(2))
	}
	return append(opts, client.WithLongConnection(connpool.IdleConfig{
		MaxIdlePerAddress: 100, MaxIdleGlobal: 100, MaxIdleTimeout: time.Minute}))
}

func connect(o options, limit time.Duration) service.Client {
	made, err := service.NewClient("cases", settings(o, limit)...)
	if err != nil {
		fail(err.Error())
	}
	return made
}

func run(o options) error {
	klog.SetLevel(klog.LevelFatal)
	ctx := context.Background()
	calls := connect(o, 20*time.Second)
	echo := func(msg string) (string, error) {
		reply, err := calls.Echo(ctx, &cases.Request{Action: "a", Msg: msg})
		if err != nil {
			return "", err
		}
		return reply.Msg, nil
	}
	switch o.test {
	case "echo":
		if err := calls.Ping(ctx); err != nil {
			return err
		}
		return expect(echo, "hi", "hi")
	case "all":
		sent := everything()
		got, err := calls.Swap(ctx, sent)
		if err == nil && !same(sent, got) {
			err = fmt.Errorf("sent %v, got %v", sent, got)
		}
		return err
	case "big":
		big := strings.Repeat("0123456789abcdef", 3<<16)
		got, err := echo(big)
		if err == nil && got != big {
			err = fmt.Errorf("another text of %d characters", len(got))
		}
		return err
	case "concurrent":
		return concurrent(echo)
	case "declared":
		_, err := echo("oops")
		var oops *cases.Oops
		if !errors.As(err, &oops) || oops.Why != "because" || oops.Code != 7 {
			return fmt.Errorf("expected Oops(because, 7), got %v", err)
		}
		return nil
	case "application":
		_, err := echo("err")
		var known *remote.TransError
		if !errors.As(err, &known) || !strings.Contains(err.Error(), "went wrong") {
			return fmt.Errorf("expected an application exception (went wrong), got %v", err)
		}
		return expect(echo, "hi", "hi")
	case "unknown":
		_, err := later.MustNewClient("cases", settings(o, 5*time.Second)...).Missing(ctx, "x")
		var known *remote.TransError
		if !errors.As(err, &known) || (known.TypeID() != 1 && known.TypeID() != 20) {
			return fmt.Errorf("expected application exception 1 or 20, got %v", err)
		}
		return nil
	case "biz":
		_, err := echo("biz")
		biz, ok := kerrors.FromBizStatusError(err)
		if !ok || biz.BizStatusCode() != 404 || biz.BizMessage() != "not found" || biz.BizExtra()["k"] != "v" {
			return fmt.Errorf("expected business error 404, got %v", err)
		}
		return expect(echo, "hi", "hi")
	case "oneway":
		token := strconv.FormatInt(time.Now().UnixNano(), 36)
		if err := calls.Log(ctx, &cases.Request{Action: "a", Msg: token}); err != nil {
			return err
		}
		for i := 0; ; i++ {
			if err := expect(echo, "logged:"+token, "yes"); err == nil || i == 40 {
				return err
			}
			time.Sleep(50 * time.Millisecond)
		}
	case "meta", "backward", "chain":
		ctx = metainfo.WithPersistentValue(metainfo.WithValue(ctx, "T", "t"), "P", "p")
		ctx = metainfo.WithBackwardValues(ctx)
		if o.test == "chain" {
			text, back, _ := strings.Cut(o.expect, "#")
			if err := expect(echo, "chain:"+o.chain, text); err != nil {
				return err
			}
			return backward(ctx, back)
		}
		if err := expect(echo, "meta", "T=t,P=p"); err != nil || o.test == "meta" {
			return err
		}
		return backward(ctx, "bv")
	case "caller":
		return expect(echo, "caller", "kitex-client")
	case "deadline":
		calls = connect(o, 400*time.Millisecond)
		got, err := echo("deadline")
		ms, bad := strconv.Atoi(got)
		if err != nil || bad != nil || ms < 1 || ms > 400 {
			return fmt.Errorf("expected a limit of 1 to 400 ms at the server, got %q %v", got, err)
		}
		return nil
	case "timeout":
		calls = connect(o, 300*time.Millisecond)
		start := time.Now()
		_, err := echo("sleep:2000")
		if err == nil || !(kerrors.IsTimeoutError(err) || strings.Contains(err.Error(), "deadline")) || time.Since(start) > 1500*time.Millisecond {
			return fmt.Errorf("expected a time-out after 300 ms, got %v after %v", err, time.Since(start))
		}
		return nil
	case "crrst":
		return drained(echo)
	}
	return fmt.Errorf("no such case: %q", o.test)
}

func expect(echo func(string) (string, error), sent, expected string) error {
	got, err := echo(sent)
	if err == nil && got != expected {
		err = fmt.Errorf("%s: expected %q, got %q", sent, expected, got)
	}
	return err
}

func backward(ctx context.Context, expected string) error {
	if got, _ := metainfo.RecvBackwardValue(ctx, "bk"); got != expected {
		return fmt.Errorf("backward bk: expected %q, got %q of %v", expected, got, metainfo.RecvAllBackwardValues(ctx))
	}
	return nil
}

func concurrent(echo func(string) (string, error)) error {
	var all sync.WaitGroup
	failures := make(chan error, 64)
	for worker := 0; worker < 64; worker++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 50; i++ {
				text := fmt.Sprintf("call %d of %d", i, worker)
				if err := expect(echo, text, text); err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	all.Wait()
	close(failures)
	return <-failures
}

// drained has a call in flight while the server goes; every call is answered until connecting is refused.
func drained(echo func(string) (string, error)) error {
	slow := make(chan error, 1)
	go func() { slow <- expect(echo, "sleep:500", "sleep:500") }()
	time.Sleep(200 * time.Millisecond)
	if err := expect(echo, "drain", "drain"); err != nil {
		return err
	}
	if err := <-slow; err != nil {
		return fmt.Errorf("the call in flight: %w", err)
	}
	for until := time.Now().Add(15 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if _, err := echo("hi"); err != nil {
			if errors.Is(err, kerrors.ErrGetConnection) {
				return nil
			}
			return fmt.Errorf("expected a refused connection, got %w", err)
		}
	}
	return errors.New("the server was still there after 15 s")
}
